/** How an attempt ended, as far as it tells of the data node: its `fault`, a `success` (it answered as it should), or nothing. */
export type Verdict = 'success' | 'fault' | 'nothing';

/** Reads whose latency is remembered: enough for a median, few enough that a backend's fit in a few cache lines. */
const REMEMBERED = 32;

/** What one backend did since the last report. An attempt allocates nothing. */
export class TrafficWindow {
  attempts = 0;
  failures = 0;
  timeouts = 0;
  #reads = 0;
  /** Of the latest reads that ended well, in ms. */
  readonly #latencies: number[] = new Array<number>(REMEMBERED).fill(0.5);

  /** A read ended well. */
  addRead(latencyMs: number): void {
    this.#latencies[this.#reads & (REMEMBERED - 1)] = latencyMs;
    this.#reads += 1;
  }

  /** Median latency of the latest reads that ended well; undefined if there were none. */
  get medianMs(): number | undefined {
    const sorted = this.#latencies.slice(0, this.#reads).sort((a, b) => a - b);
    return sorted[(sorted.length - 1) >> 1];
  }

  clear(): void {
    this.attempts = 0;
    this.failures = 0;
    this.timeouts = 0;
    this.#reads = 0;
  }
}
