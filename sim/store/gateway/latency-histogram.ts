/** Buckets per doubling, as a power of two. */
const FINE_BITS = 3;
const FINE = 1 << FINE_BITS;
/** About 67 s: what takes longer is counted as that long. */
const MOST_MICROS = 0x3ffffff;
const BUCKETS = bucketOf(MOST_MICROS) + 1;

/**
 * Durations in buckets of 8 a doubling, from 1 µs to 67 s: a quantile is off by at most a sixteenth. Recording is a few
 * integer operations and allocates nothing.
 *
 * Source: the bucket layout of HdrHistogram (G. Tene), with one significant octal digit.
 */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  get count(): number {
    return this.#total;
  }

  add(durationMs: number): void {
    const micros = durationMs * 1_000;
    const bucket = bucketOf(micros < MOST_MICROS ? micros | 0 : MOST_MICROS);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  /** The duration that the share `q` (0 to 1) of those recorded don't exceed; undefined if there are none. */
  quantileMs(q: number): number | undefined {
    if (this.#total === 0) return undefined;
    const rank = Math.max(1, Math.ceil(q * this.#total));
    let passed = 0;
    let bucket = 0;
    for (; bucket < BUCKETS - 1; bucket++) {
      passed += this.#counts[bucket] ?? 0;
      if (passed >= rank) break;
    }
    return middleOf(bucket) / 1_000;
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }
}

/** Below {@link FINE} each µs has its own bucket; above, the leading bit and the three after it name one. */
function bucketOf(micros: number): number {
  if (micros < FINE) return micros;
  const shift = 31 - Math.clz32(micros) - FINE_BITS;
  return (shift + 1) * FINE + ((micros >>> shift) & (FINE - 1));
}

function middleOf(bucket: number): number {
  if (bucket < FINE) return bucket;
  const shift = (bucket >>> FINE_BITS) - 1;
  const lowest = (FINE + (bucket & (FINE - 1))) << shift;
  return lowest + (1 << shift) / 2;
}
