import type { Clock } from '../../host.ts';

/**
 * This node's right to accept writes. It runs from the moment at which the request that renewed it was *sent*, so by
 * this node's clock it never ends later than by the leader's (Gray and Cheriton, "Leases", SOSP 1989).
 */
export class Lease {
  readonly #clock: Clock;
  #untilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isHeld(): boolean {
    return this.#clock.nowMs() < this.#untilMs;
  }

  /** The leader granted `leaseMs` in answer to a request sent at `sentAtMs`. */
  renew(sentAtMs: number, leaseMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, sentAtMs + leaseMs);
  }

  /** The leader does not know this node any more. */
  lose(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }
}
