import type { Host, TimerHandler } from '../../host.ts';
import type { MetadataReply } from '../messages/metadata.ts';
import type { MetadataChannel, MetadataHandler } from '../metadata/channel.ts';

export interface DepartureListener {
  /** Nothing that is here is needed any more. */
  onReleased(): void;
}

/**
 * A graceful leave: tells metadata that this node wants to go, and asks again from time to time until all that it holds is
 * elsewhere. Until then the node serves as ever. The wish is metadata's to remember: after a restart this node stays in
 * the state that metadata has for it.
 */
export class Departure implements MetadataHandler, TimerHandler {
  readonly #host: Host;
  readonly #channel: MetadataChannel;
  readonly #everyMs: number;
  readonly #listener: DepartureListener;
  #state: 'staying' | 'asking' | 'waiting' | 'released' = 'staying';

  constructor(host: Host, channel: MetadataChannel, everyMs: number, listener: DepartureListener) {
    this.#host = host;
    this.#channel = channel;
    this.#everyMs = everyMs;
    this.#listener = listener;
  }

  get state(): 'staying' | 'asking' | 'waiting' | 'released' {
    return this.#state;
  }

  /** Does nothing if it is under way already. */
  start(): void {
    if (this.#state === 'staying') this.#ask();
  }

  onMetadata(_tag: number, reply: MetadataReply): void {
    if (reply.kind === 'node.leaving' && reply.left) {
      this.#state = 'released';
      this.#listener.onReleased();
      return;
    }
    this.#state = 'waiting';
    this.#host.timers.after(this.#everyMs, this, 0);
  }

  onMetadataFailed(): void {
    this.#ask();
  }

  onTimer(): void {
    this.#ask();
  }

  #ask(): void {
    const { id, incarnation, clock } = this.#host;
    this.#state = 'asking';
    this.#channel.ask({ kind: 'node.leave', id, incarnation }, clock.nowMs() + this.#everyMs, this, 0);
  }
}
