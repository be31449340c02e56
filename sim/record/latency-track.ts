import type { Buckets } from './buckets.ts';
import { Histogram, type SparseHistogram } from './histogram.ts';

/** Fewer answers than this have no p99: it would be their maximum. */
export const SAMPLES_OF_P99 = 100;

interface Answers {
  readonly requests: number;
  readonly bad: number;
  readonly latency: SparseHistogram;
}

/** What clients saw in some buckets in a row, taken together. */
export interface AnswersInSpan {
  readonly requests: number;
  /** Failed, or of unknown outcome. */
  readonly bad: number;
  /** Of those that ended `ok`. */
  readonly latency: Histogram;
}

/**
 * Answers of every bucket as they were, so that buckets with few of them can be taken together: percentiles of
 * buckets can't be averaged, their histograms can be added.
 */
export class LatencyTrack {
  readonly #buckets: Buckets;
  readonly #scale = { subBucketBits: new Histogram().subBucketBits, unitMs: new Histogram().unitMs };
  readonly #answers: (Answers | undefined)[] = [];

  constructor(buckets: Buckets) {
    this.#buckets = buckets;
  }

  /** What ended in bucket `index`. `latency` is read now and not kept. */
  closeBucket(index: number, requests: number, bad: number, latency: Histogram): void {
    this.#answers[index] = { requests, bad, latency: latency.toSparse() };
  }

  /**
   * Cuts the buckets from `from` on into spans of at least {@link SAMPLES_OF_P99} requests each. Gives them in order,
   * each with the bucket after it; the last one may be short of requests.
   */
  *spans(from: number): Generator<AnswersInSpan & { readonly next: number }> {
    let requests = 0;
    let bad = 0;
    let index: number[] = [];
    let count: number[] = [];
    for (let bucket = from; bucket < this.#buckets.count; bucket++) {
      const answers = this.#answers[bucket];
      if (answers !== undefined) {
        requests += answers.requests;
        bad += answers.bad;
        for (const each of answers.latency.index) index.push(each);
        for (const each of answers.latency.count) count.push(each);
      }
      if (requests < SAMPLES_OF_P99 && bucket + 1 < this.#buckets.count) continue;
      const latency = Histogram.fromSparse({ ...this.#scale, index, count });
      yield { requests, bad, latency, next: bucket + 1 };
      requests = 0;
      bad = 0;
      index = [];
      count = [];
    }
  }

  /** Highest p99 of `ok` answers over spans from bucket `from` on, in ms; null where there are too few for one. */
  worstP99Ms(from: number): number | null {
    let worstMs: number | null = null;
    let pending = new Histogram();
    for (const { latency } of this.spans(from)) {
      pending.merge(latency);
      if (pending.count < SAMPLES_OF_P99) continue;
      const p99Ms = pending.quantileMs(0.99) ?? 0;
      worstMs = Math.max(worstMs ?? 0, p99Ms);
      pending = new Histogram();
    }
    return worstMs;
  }
}
