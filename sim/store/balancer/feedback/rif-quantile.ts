/** Answers to probes that the distribution is made of. */
const REMEMBERED = 128;

/** More requests in flight than that count as that many. */
const MOST = 4095;

/** Quantile of the requests in flight that the latest answers told of: what counts as busy among these backends now. */
export class RifQuantile {
  readonly #quantile: number;
  readonly #latest = new Uint16Array(REMEMBERED);
  /** How many of the latest there are of each number of requests. */
  readonly #counts = new Uint16Array(MOST + 1);
  #seen = 0;
  #threshold = Number.POSITIVE_INFINITY;
  #isStale = false;

  constructor(quantile: number) {
    this.#quantile = quantile;
  }

  add(inFlight: number): void {
    const at = this.#seen % REMEMBERED;
    if (this.#seen >= REMEMBERED) this.#count(this.#latest[at] ?? 0, -1);
    const value = Math.min(MOST, Math.max(0, Math.trunc(inFlight)));
    this.#latest[at] = value;
    this.#count(value, 1);
    this.#seen++;
    this.#isStale = true;
  }

  /** Backends with more requests than that are hot. Infinite before the first answer. */
  get threshold(): number {
    if (!this.#isStale) return this.#threshold;
    this.#isStale = false;
    const below = Math.floor(this.#quantile * (Math.min(this.#seen, REMEMBERED) - 1));
    let value = 0;
    for (let seen = this.#counts[0] ?? 0; seen <= below && value < MOST; seen += this.#counts[value] ?? 0) value++;
    this.#threshold = value;
    return value;
  }

  #count(value: number, change: number): void {
    this.#counts[value] = (this.#counts[value] ?? 0) + change;
  }
}
