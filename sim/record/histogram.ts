/** A histogram's filled buckets, and all that is needed to read them: plain data for records and messages. */
export interface SparseHistogram {
  readonly subBucketBits: number;
  readonly unitMs: number;
  /** Numbers of the buckets that are not empty, ascending. */
  readonly index: readonly number[];
  /** How many values each of them holds. */
  readonly count: readonly number[];
}

export interface HistogramOptions {
  /**
   * Each power of two is cut into 2^subBucketBits buckets, so a quantile is at most 2^-(subBucketBits + 1) off,
   * relatively: 0.39 % for 7, the default. 1 to 12.
   */
  readonly subBucketBits?: number;
  /** The finest difference that is told apart, in ms; 0.001 by default. */
  readonly unitMs?: number;
}

/** Values of 2^44 units (203 days in µs) and more share the last bucket. */
const RANGE_BITS = 44;
const WORD = 2147483648;
/** Values that don't fit 31 bits are scaled by 2^16 before the bit tricks; the index grows by as many octaves. */
const WIDE_BITS = 16;
/** Above the number of any bucket. */
const NO_BUCKET = 1 << 30;

/**
 * Counts durations in log-linear buckets: linear within each power of two, as HdrHistogram does (Gil Tene).
 * The bucket is found by counting leading zeros, so a record costs a few ns and allocates nothing. Memory is
 * fixed (19 KB by default). Count, least, greatest and mean are exact (to the unit); merging is exact and
 * doesn't depend on its order. A bucket holds up to 2^32 − 1 values.
 */
export class Histogram {
  readonly subBucketBits: number;
  readonly unitMs: number;
  readonly #perMs: number;
  readonly #linearBits: number;
  readonly #buckets: Uint32Array;
  #count = 0;
  /** In units: an integer, hence exact below 2^53. */
  #sum = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = Number.NEGATIVE_INFINITY;
  /** No bucket below it is filled … */
  #lowest = NO_BUCKET;
  /** … and none above this: latencies fill few of thousands, and all but recording goes through these only. */
  #highest = -1;

  constructor(options: HistogramOptions = {}) {
    const { subBucketBits = 7, unitMs = 0.001 } = options;
    if (!Number.isInteger(subBucketBits) || subBucketBits < 1 || subBucketBits > 12) {
      throw new RangeError(`histogram: subBucketBits is ${subBucketBits}; an integer from 1 to 12 is accepted`);
    }
    if (!(unitMs > 0 && unitMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`histogram: unitMs is ${unitMs}; a positive number is accepted`);
    }
    this.subBucketBits = subBucketBits;
    this.unitMs = unitMs;
    this.#perMs = 1 / unitMs;
    this.#linearBits = 31 - subBucketBits;
    this.#buckets = new Uint32Array((RANGE_BITS - subBucketBits + 1) << subBucketBits);
  }

  /** Number of recorded values. */
  get count(): number {
    return this.#count;
  }

  /** Exact; null while empty. */
  get minMs(): number | null {
    return this.#count === 0 ? null : this.#minMs;
  }

  /** Exact; null while empty. */
  get maxMs(): number | null {
    return this.#count === 0 ? null : this.#maxMs;
  }

  /** Exact but for the rounding of each value to the unit; null while empty. */
  get meanMs(): number | null {
    return this.#count === 0 ? null : (this.#sum / this.#count) * this.unitMs;
  }

  /** Counts one duration. Throws a RangeError for what is negative or NaN. */
  record(valueMs: number): void {
    const scaled = valueMs * this.#perMs + 0.5;
    if (scaled < WORD && scaled >= 0.5) {
      const units = scaled | 0;
      const octave = Math.max(0, this.#linearBits - Math.clz32(units));
      const index = (octave << this.subBucketBits) + (units >>> octave);
      this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
      if (index < this.#lowest) this.#lowest = index;
      if (index > this.#highest) this.#highest = index;
      this.#sum += units;
    } else {
      this.#recordWide(scaled, valueMs);
    }
    this.#count++;
    if (valueMs < this.#minMs) this.#minMs = valueMs;
    if (valueMs > this.#maxMs) this.#maxMs = valueMs;
  }

  #recordWide(scaled: number, valueMs: number): void {
    if (!(scaled >= WORD && scaled < Number.POSITIVE_INFINITY))
      throw new RangeError(`histogram: recorded ${valueMs} ms; a finite duration, 0 or more, is accepted`);
    const index = Math.min(this.#indexOf(Math.floor(scaled)), this.#buckets.length - 1);
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
    this.#widen(index, index);
    this.#sum += Math.floor(scaled);
  }

  /**
   * The least value that at least `quantile` of all values don't exceed: the middle of its bucket, within the
   * exact least and greatest. `quantile` is in 0..1; null while empty.
   */
  quantileMs(quantile: number): number | null {
    if (!(quantile >= 0 && quantile <= 1)) {
      throw new RangeError(`histogram: quantile is ${quantile}; 0 to 1 is accepted`);
    }
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(quantile * this.#count - 1e-9));
    if (rank >= this.#count) return this.#maxMs;
    let below = 0;
    for (let index = this.#lowest; index <= this.#highest; index++) {
      below += this.#buckets[index] ?? 0;
      if (below >= rank) return Math.min(this.#maxMs, Math.max(this.#minMs, this.#middleOf(index) * this.unitMs));
    }
    return this.#maxMs;
  }

  /** Adds all values of `other`, exactly. Throws where unit or precision differ. */
  merge(other: Histogram): void {
    if (other.subBucketBits !== this.subBucketBits || other.unitMs !== this.unitMs) {
      throw new RangeError(
        `histogram: cannot merge ${other.subBucketBits} bits of ${other.unitMs} ms into ${this.subBucketBits} bits of ${this.unitMs} ms`,
      );
    }
    for (let index = other.#lowest; index <= other.#highest; index++) {
      this.#buckets[index] = (this.#buckets[index] ?? 0) + (other.#buckets[index] ?? 0);
    }
    this.#widen(other.#lowest, other.#highest);
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#minMs = Math.min(this.#minMs, other.#minMs);
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  clear(): void {
    this.#buckets.fill(0, this.#lowest, this.#highest + 1);
    this.#lowest = NO_BUCKET;
    this.#highest = -1;
    this.#count = 0;
    this.#sum = 0;
    this.#minMs = Number.POSITIVE_INFINITY;
    this.#maxMs = Number.NEGATIVE_INFINITY;
  }

  toSparse(): SparseHistogram {
    const index: number[] = [];
    const count: number[] = [];
    for (let at = this.#lowest; at <= this.#highest; at++) {
      const values = this.#buckets[at] ?? 0;
      if (values === 0) continue;
      index.push(at);
      count.push(values);
    }
    return { subBucketBits: this.subBucketBits, unitMs: this.unitMs, index, count };
  }

  /**
   * Reads buckets back. A sparse histogram knows neither the exact mean nor the exact ends: give them where they
   * are known, otherwise they are those of the buckets' middles. Throws a RangeError naming a field that is amiss.
   */
  static fromSparse(
    sparse: SparseHistogram,
    exact: { readonly meanMs?: number | null; readonly minMs?: number | null; readonly maxMs?: number | null } = {},
  ): Histogram {
    const histogram = new Histogram(sparse);
    if (sparse.index.length !== sparse.count.length) {
      throw new RangeError(
        `histogram: ${sparse.index.length} in index, ${sparse.count.length} in count; as many are accepted`,
      );
    }
    for (const [i, index] of sparse.index.entries()) {
      const values = sparse.count[i] ?? 0;
      if (!(Number.isInteger(index) && index >= 0 && index < histogram.#buckets.length)) {
        throw new RangeError(`histogram: index[${i}] is ${index}; 0 to ${histogram.#buckets.length - 1} is accepted`);
      }
      if (!(Number.isInteger(values) && values >= 0)) {
        throw new RangeError(`histogram: count[${i}] is ${values}; a whole number, 0 or more, is accepted`);
      }
      if (values === 0) continue;
      const middle = histogram.#middleOf(index);
      histogram.#buckets[index] = (histogram.#buckets[index] ?? 0) + values;
      histogram.#widen(index, index);
      histogram.#count += values;
      histogram.#sum += middle * values;
      histogram.#minMs = Math.min(histogram.#minMs, middle * histogram.unitMs);
      histogram.#maxMs = Math.max(histogram.#maxMs, middle * histogram.unitMs);
    }
    if (histogram.#count > 0) {
      histogram.#sum = Math.round(
        typeof exact.meanMs === 'number' ? (exact.meanMs * histogram.#count) / sparse.unitMs : histogram.#sum,
      );
      histogram.#minMs = exact.minMs ?? histogram.#minMs;
      histogram.#maxMs = exact.maxMs ?? histogram.#maxMs;
    }
    return histogram;
  }

  #widen(lowest: number, highest: number): void {
    if (lowest < this.#lowest) this.#lowest = lowest;
    if (highest > this.#highest) this.#highest = highest;
  }

  /** Bucket of a whole number of units of any size. */
  #indexOf(units: number): number {
    if (units >= WORD) return this.#indexOf(Math.floor(units / (1 << WIDE_BITS))) + (WIDE_BITS << this.subBucketBits);
    const octave = Math.max(0, this.#linearBits - Math.clz32(units));
    return (octave << this.subBucketBits) + (units >>> octave);
  }

  /** Middle of a bucket, in units. */
  #middleOf(index: number): number {
    const octave = Math.max(0, (index >>> this.subBucketBits) - 1);
    let width = 1;
    for (let i = 0; i < octave; i++) width *= 2;
    return (index - (octave << this.subBucketBits)) * width + (width - 1) / 2;
  }
}
