import type { CallFailure, CallHandler, CallId, Host, Message, NodeId, TimerHandler, TimerId } from '../../../host.ts';
import { addressOf } from './identity.ts';
import { isPartTaken, type RaftMessageOf, type SnapshotPart } from './messages.ts';

/** Told of what becomes of snapshots on their way. */
export interface ShippingHandler {
  /** A part has arrived: the rest will take a while yet. */
  onPartTaken(to: NodeId): void;
}

export interface ShippingSettings {
  /** Records of one part, in characters; a longer record goes alone. */
  readonly partBytes: number;
  /** How long a part may take. */
  readonly timeoutMs: number;
  /** Pause before a part that was lost is sent again. */
  readonly pauseMs: number;
  /** Times that a part is sent before the snapshot is given up; whoever needs it still is sent another. */
  readonly tries: number;
}

/**
 * Sends snapshots in parts of bounded size, one at a time to each receiver, so that neither a message nor a queue grows with the
 * state. A lost part is sent again; a receiver that has restarted is sent the same snapshot from its beginning.
 */
export class SnapshotShipping {
  readonly host: Host;
  readonly settings: ShippingSettings;
  readonly handler: ShippingHandler;
  readonly #shipments = new Map<NodeId, Shipment>();

  constructor(host: Host, settings: ShippingSettings, handler: ShippingHandler) {
    this.host = host;
    this.settings = settings;
    this.handler = handler;
  }

  /** Sends a snapshot; one that is still on its way to the same member is given up. */
  ship(message: RaftMessageOf<'raft.snapshot'>): void {
    this.#shipments.get(message.to)?.cancel();
    const shipment = new Shipment(this, message);
    this.#shipments.set(message.to, shipment);
    shipment.send();
  }

  /** Gives up all that is on its way. */
  clear(): void {
    for (const shipment of this.#shipments.values()) shipment.cancel();
    this.#shipments.clear();
  }

  /** A shipment has ended. */
  forget(to: NodeId): void {
    this.#shipments.delete(to);
  }
}

/** One snapshot on its way to one member. */
class Shipment implements CallHandler, TimerHandler {
  readonly #shipping: SnapshotShipping;
  readonly #message: RaftMessageOf<'raft.snapshot'>;
  #position = 0;
  #tries = 0;
  #call: CallId = 0;
  #timer: TimerId = 0;

  constructor(shipping: SnapshotShipping, message: RaftMessageOf<'raft.snapshot'>) {
    this.#shipping = shipping;
    this.#message = message;
  }

  send(): void {
    const { host, settings } = this.#shipping;
    this.#tries += 1;
    const part = this.#part(settings.partBytes);
    this.#call = host.network.call(addressOf(part.to), part, settings.timeoutMs, this, 0);
  }

  cancel(): void {
    this.#shipping.host.network.cancel(this.#call);
    this.#shipping.host.timers.cancel(this.#timer);
  }

  onReply(_tag: number, response: Message): void {
    const next = isPartTaken(response) ? response.next : undefined;
    const { to, snapshot } = this.#message;
    if (next === undefined || next >= snapshot.records.length) {
      this.#shipping.forget(to);
      return;
    }
    this.#position = next;
    this.#tries = 0;
    this.#shipping.handler.onPartTaken(to);
    this.send();
  }

  onCallFailed(_tag: number, _failure: CallFailure): void {
    const { host, settings } = this.#shipping;
    if (this.#tries >= settings.tries) this.#shipping.forget(this.#message.to);
    else this.#timer = host.timers.after(settings.pauseMs, this, 0);
  }

  onTimer(): void {
    this.send();
  }

  #part(partBytes: number): SnapshotPart {
    const { from, to, term, snapshot } = this.#message;
    const { index, voters, learners, records } = snapshot;
    const position = this.#position;
    let end = position;
    let controlBytes = 0;
    for (; end < records.length; end++) {
      const { length } = records[end] ?? '';
      if (end > position && controlBytes + length > partBytes) break;
      controlBytes += length;
    }
    return {
      kind: 'raft.part',
      from,
      to,
      term,
      index,
      pointTerm: snapshot.term,
      voters,
      learners,
      position,
      records: records.slice(position, end),
      last: end === records.length,
      controlBytes,
    };
  }
}
