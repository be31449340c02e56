/** More than rounding loses in the longest of runs. */
const STEP_MS = 1e-6;

/**
 * The time that a node's own oscillator tells where it runs faster or slower than true time, the kernel's. Linear between two
 * changes of the rate, and never backwards.
 */
export class DriftingClock {
  #rate = 1;
  #sinceMs = 0;
  #localSinceMs = 0;

  /** Local ms that pass in a true one. */
  get rate(): number {
    return this.#rate;
  }

  /** What the clock shows at a true time, from the last change of its rate on. */
  localMs(trueMs: number): number {
    return this.#localSinceMs + (trueMs - this.#sinceMs) * this.#rate;
  }

  /** True time at which it shows `localMs`. */
  trueMs(localMs: number): number {
    return this.#sinceMs + (localMs - this.#localSinceMs) / this.#rate;
  }

  /**
   * True ms until it shows `delayMs` more than at `nowMs`. Never too few by rounding: who looks at the clock when its timer fires,
   * and waits for what is left, would wait for nothing time and again.
   */
  untilPassed(delayMs: number, nowMs: number): number {
    const trueMs = delayMs / this.#rate;
    return this.localMs(nowMs + trueMs) < this.localMs(nowMs) + delayMs ? trueMs + STEP_MS : trueMs;
  }

  /** From now on it runs at this rate, more than 0. Timers that are pending keep the time that was worked out for them. */
  setRate(rate: number, nowMs: number): void {
    this.#localSinceMs = this.localMs(nowMs);
    this.#sinceMs = nowMs;
    this.#rate = rate;
  }
}
