/**
 * Keeps retries a bounded share of requests, so that they cannot feed an overload: each request earns `ratio` of a
 * retry, at most `burst` are saved up. Over any span there are at most `burst + ratio × requests` retries. As in
 * Finagle's RetryBudget and gRPC's retry throttling (gRFC A6).
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #most: number;
  #tokens: number;

  constructor(ratio: number, burst: number) {
    this.#ratio = ratio;
    // Less than a whole retry can never be spent: without a burst, one is still saved up from what is earned.
    this.#most = Math.max(1, burst);
    this.#tokens = burst;
  }

  /** A request that is not itself a retry is being sent. */
  earn(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#ratio);
  }

  /** Takes one retry out of the budget, if there is one. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
