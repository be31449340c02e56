import type { Message } from '../host.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Place, SimulatedNode } from './node.ts';
import { Overlays } from './overlays.ts';
import { Sampler } from './sampler.ts';
import type { NetworkSpec } from './spec.ts';

/** Charged for every message beside its body and control data: Ethernet, IP and TCP headers and a small envelope. */
export const HEADER_BYTES = 128;

/** Why a message did not arrive. */
export const DROP_CAUSES = ['loss', 'partition', 'machine-down', 'no-process', 'process-ended'] as const;
export type DropCause = (typeof DROP_CAUSES)[number];

/** Messages of the whole network. Always: sent = delivered + inFlight + all of dropped. */
export interface MessageCounts {
  readonly sent: number;
  readonly delivered: number;
  readonly inFlight: number;
  readonly dropped: { readonly [cause in DropCause]: number };
}

/** A message as it is put on the network, for overlays to judge. */
export interface Passage {
  readonly from: SimulatedNode;
  readonly to: SimulatedNode;
  /** Undefined for a notice of the transport itself: a cancel, a refusal, a reset. */
  readonly message: Message | undefined;
  /** Nobody answers it, and no connection keeps watch over it. */
  readonly oneWay: boolean;
  readonly sizeBytes: number;
  /** From now to its arrival. An overlay may raise it. */
  delayMs: number;
  /** From now to the arrival of a second copy; −1 for none. Set it for one-way messages only. */
  copyDelayMs: number;
  /** Set by an overlay to make the message vanish; the first one that does so is the cause. */
  dropped: DropCause | undefined;
}

/** What a fault does to messages. Asked as they leave: what is under way when a fault starts or ends is not touched by it. */
export interface LinkOverlay {
  apply(passage: Passage): void;
}

/** Size of a message on the wire, in bytes. */
export function wireBytes(message: Message): number {
  const bodyBytes = message.body === undefined ? 0 : message.body.sizeBytes;
  return HEADER_BYTES + bodyBytes + (message.controlBytes ?? 0);
}

/**
 * The network between the nodes. A message waits for its turn on the sender's line, takes its size over the
 * bandwidth to leave, and then the latency of the link. Nothing keeps two messages between the same nodes in order.
 */
export class Fabric {
  readonly overlays = new Overlays<LinkOverlay>();
  readonly #kernel: Kernel;
  readonly #local: Sampler;
  readonly #rack: Sampler;
  readonly #zone: Sampler;
  readonly #crossZone: Sampler;
  readonly #msPerByte: number;
  readonly #lossRate: number;
  /** Of the message put on the way last. */
  #copyDelayMs = -1;
  #sent = 0;
  #delivered = 0;
  #inFlight = 0;
  readonly #dropped: { [cause in DropCause]: number } = {
    loss: 0,
    partition: 0,
    'machine-down': 0,
    'no-process': 0,
    'process-ended': 0,
  };

  constructor(kernel: Kernel, spec: NetworkSpec) {
    this.#kernel = kernel;
    this.#local = new Sampler(spec.latency.local);
    this.#rack = new Sampler(spec.latency.rack);
    this.#zone = new Sampler(spec.latency.zone);
    this.#crossZone = new Sampler(spec.latency['cross-zone']);
    this.#msPerByte = 1000 / spec.bandwidthBytesPerS;
    this.#lossRate = spec.lossRate;
  }

  /**
   * Puts a message of `sizeBytes` on the way. Returns the time to its arrival in ms, or −1 if it gets lost. The size is the
   * caller's to keep: messages have many shapes, so asking each of them three times for its size would be dear.
   */
  transmit(
    from: SimulatedNode,
    to: SimulatedNode,
    message: Message | undefined,
    sizeBytes: number,
    oneWay = false,
  ): number {
    const latency = this.#between(from.place, to.place);
    let delayMs = latency.sample(from.networkStream);
    this.#sent++;
    from.messagesOut++;
    from.bytesOut += sizeBytes;
    if (latency !== this.#local) {
      const nowMs = this.#kernel.nowMs;
      const startMs = Math.max(from.outgoingFreeMs, nowMs);
      from.outgoingFreeMs = startMs + sizeBytes * this.#msPerByte;
      delayMs += from.outgoingFreeMs - nowMs;
      if (this.#lossRate > 0 && from.networkStream.next() < this.#lossRate) {
        this.#dropped.loss++;
        return -1;
      }
    }
    if (this.overlays.active.length > 0) {
      const passage: Passage = { from, to, message, oneWay, sizeBytes, delayMs, copyDelayMs: -1, dropped: undefined };
      for (const overlay of this.overlays.active) {
        overlay.apply(passage);
        if (passage.dropped !== undefined) {
          this.#dropped[passage.dropped]++;
          return -1;
        }
      }
      delayMs = passage.delayMs;
      if (passage.copyDelayMs >= 0) this.#copy(passage);
    }
    this.#inFlight++;
    return delayMs;
  }

  /** Time to the arrival of a second copy of the message that was put on the way last, in ms; −1 for none. Asked once. */
  takeCopy(): number {
    const delayMs = this.#copyDelayMs;
    this.#copyDelayMs = -1;
    return delayMs;
  }

  /** A message has reached a process. */
  deliver(to: SimulatedNode, sizeBytes: number): void {
    this.#inFlight--;
    this.#delivered++;
    to.messagesIn++;
    to.bytesIn += sizeBytes;
  }

  /** A message has reached its node, where nobody takes it. */
  drop(cause: DropCause): void {
    this.#inFlight--;
    this.#dropped[cause]++;
  }

  /** The books take a copy for another message of the same sender. */
  #copy({ from, sizeBytes, copyDelayMs }: Passage): void {
    this.#copyDelayMs = copyDelayMs;
    this.#sent++;
    this.#inFlight++;
    from.messagesOut++;
    from.bytesOut += sizeBytes;
  }

  #between(here: Place, there: Place): Sampler {
    if (here.machine === there.machine) return this.#local;
    if (here.zone !== there.zone) return this.#crossZone;
    return here.rack === there.rack ? this.#rack : this.#zone;
  }

  counts(): MessageCounts {
    return { sent: this.#sent, delivered: this.#delivered, inFlight: this.#inFlight, dropped: { ...this.#dropped } };
  }
}
