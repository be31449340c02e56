/** Rates are per interval of so many ms. */
const INTERVAL_MS = 20;
/** Requests that may be sent at once after a pause. */
const MOST_TOKENS = 10;
const FIRST_SEND_RATE = 1;
const FIRST_RECEIVE_RATE = 100;
const LEAST_SEND_RATE = 0.1;
/** What is left of the rate after a decrease. */
const BETA = 0.2;
/** Steepness of the cubic, per ms³. */
const GAMMA = 0.000004;
/** Most that the rate grows by at once. */
const MOST_GROWTH = 10;
/** After an increase the rate is not lowered for so long. */
const HYSTERESIS_MS = 4 * INTERVAL_MS;

/**
 * How fast one gateway may send to one backend: tokens, at a rate that follows the rate of answers. Faster than they come,
 * and it falls at once; slower, and it grows along a cubic that is flat near the rate at which it fell last.
 *
 * Source: C3 (NSDI ’15), constants and details as in the authors’ Cassandra, `RateController`. Its moving average
 * overshoots after a pause of more than 20 intervals; here the weight of the newest interval ends at 1.
 */
export class CubicRate {
  #sendRate = FIRST_SEND_RATE;
  /** Rate at which it fell last. */
  #fallRate = 0;
  #fellMs = Number.NEGATIVE_INFINITY;
  #grewMs = Number.NEGATIVE_INFINITY;
  #tokens = MOST_TOKENS;
  #filledMs: number;
  #receiveRate = FIRST_RECEIVE_RATE;
  #interval: number;
  /** Answers in the current interval. */
  #answers = 0;

  constructor(nowMs: number) {
    this.#filledMs = nowMs;
    this.#interval = Math.floor(nowMs / INTERVAL_MS);
  }

  /** Requests per 20 ms that may be sent. */
  get sendRate(): number {
    return this.#sendRate;
  }

  /** Time until a request may be sent, in ms; 0: now. */
  waitMs(nowMs: number): number {
    const tokens = this.#tokensAt(nowMs);
    return tokens >= 1 ? 0 : ((1 - tokens) * INTERVAL_MS) / this.#sendRate;
  }

  /** A request is sent. One that ought to have waited takes its token in advance. */
  spend(nowMs: number): void {
    this.#tokens = this.#tokensAt(nowMs) - 1;
    this.#filledMs = nowMs;
  }

  /** A request was answered. */
  answered(nowMs: number): void {
    this.#receive(nowMs, 1);
    this.#adapt(nowMs);
  }

  #adapt(nowMs: number): void {
    const rate = this.#sendRate;
    if (rate > this.#receiveRate && nowMs - this.#grewMs > HYSTERESIS_MS) {
      this.#fallRate = rate;
      this.#sendRate = Math.max(rate * BETA, LEAST_SEND_RATE);
      this.#fellMs = nowMs;
    } else if (rate < this.#receiveRate) {
      this.#grewMs = nowMs;
      const sinceFlat = nowMs - this.#fellMs - Math.cbrt((this.#fallRate * BETA) / GAMMA);
      const grown = GAMMA * sinceFlat * sinceFlat * sinceFlat + this.#fallRate;
      this.#sendRate = Math.min(grown, rate + MOST_GROWTH);
    }
  }

  #receive(nowMs: number, answers: number): void {
    const interval = Math.floor(nowMs / INTERVAL_MS);
    const passed = interval - this.#interval;
    // An answer after an empty interval only ends what was before it, as in the authors' code.
    if (passed < 2) this.#answers += answers;
    if (passed === 0) return;
    const share = Math.min(1, passed / INTERVAL_MS);
    this.#receiveRate = share * this.#answers + (1 - share) * this.#receiveRate;
    this.#interval = interval;
    this.#answers = 0;
  }

  #tokensAt(nowMs: number): number {
    return Math.min(MOST_TOKENS, this.#tokens + (this.#sendRate / INTERVAL_MS) * (nowMs - this.#filledMs));
  }
}
