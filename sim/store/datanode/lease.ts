import type { Clock } from '../../host.ts';
import type { EventSink } from './event-sink.ts';

/**
 * This node's right to accept writes. It runs from the moment at which the request that renewed it was *sent*, so by
 * this node's clock it never ends later than by the leader's (Gray and Cheriton, "Leases", SOSP 1989).
 */
export class Lease {
  readonly #clock: Clock;
  readonly #events: EventSink;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, events: EventSink) {
    this.#clock = clock;
    this.#events = events;
  }

  get isHeld(): boolean {
    return this.#clock.nowMs() < this.#untilMs;
  }

  /** The leader granted `leaseMs` in answer to a request sent at `sentAtMs`. */
  renew(sentAtMs: number, leaseMs: number): void {
    const untilMs = sentAtMs + leaseMs;
    if (untilMs <= this.#untilMs) return;
    this.#untilMs = untilMs;
    this.#events.emit({ kind: 'lease', untilMs });
  }

  /** The leader does not know this node any more. */
  lose(): void {
    if (this.#untilMs === Number.NEGATIVE_INFINITY) return;
    this.#untilMs = Number.NEGATIVE_INFINITY;
    this.#events.emit({ kind: 'lease', untilMs: 0 });
  }
}
