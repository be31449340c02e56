import type { Clock } from '../../../host.ts';

/**
 * Cluster time: the milliseconds for which there has been a leader, by the leaders' monotonic clocks. Commands carry it, so
 * that graces and ages survive restarts and changes of leader, and no jump of a wall clock can shorten them; while nobody
 * leads it stands still, which only prolongs them.
 */
export class ClusterClock {
  readonly #clock: Clock;
  readonly #offsetMs: number;

  /** @param reachedMs - The time of the last command. */
  constructor(clock: Clock, reachedMs: number) {
    this.#clock = clock;
    this.#offsetMs = reachedMs - clock.nowMs();
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.#offsetMs;
  }
}
