/**
 * Keeps retries a bounded share of requests, so that they cannot feed an overload: each request earns `ratio` of a
 * retry, at most `burst` are saved up. As in Finagle's RetryBudget and gRPC's retry throttling (gRFC A6).
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #burst: number;
  #tokens: number;

  constructor(ratio: number, burst: number) {
    this.#ratio = ratio;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** A request that is not itself a retry arrived. */
  earn(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#ratio);
  }

  /** Takes one retry out of the budget, if there is one. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
