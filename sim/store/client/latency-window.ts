const WINDOW = 256;
const LEAST = 32;
const RENEWED_EVERY = 16;

/** A quantile of the latest latencies: of at most {@link WINDOW}, worked out anew every {@link RENEWED_EVERY}. */
export class LatencyWindow {
  readonly #quantile: number;
  readonly #latest = new Float64Array(WINDOW);
  readonly #sorted = new Float64Array(WINDOW);
  #count = 0;
  #valueMs: number | undefined;

  /** @param quantile - From 0 to 1: the share of latencies at or below the value. */
  constructor(quantile: number) {
    this.#quantile = quantile;
  }

  /** Undefined until {@link LEAST} latencies are known. */
  get valueMs(): number | undefined {
    return this.#valueMs;
  }

  record(latencyMs: number): void {
    this.#latest[this.#count % WINDOW] = latencyMs;
    this.#count += 1;
    if (this.#count >= LEAST && this.#count % RENEWED_EVERY === 0) this.#renew();
  }

  #renew(): void {
    const size = Math.min(this.#count, WINDOW);
    const sorted = this.#sorted.subarray(0, size);
    sorted.set(this.#latest.subarray(0, size));
    sorted.sort();
    this.#valueMs = sorted[Math.min(size - 1, Math.ceil(this.#quantile * size) - 1)];
  }
}
