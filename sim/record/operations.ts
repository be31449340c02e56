import type { StoreEvent } from '../store/events.ts';
import type { Buckets } from './buckets.ts';
import { Histogram } from './histogram.ts';
import { LatencyTrack } from './latency-track.ts';
import { roundGap } from './round.ts';
import type { OperationRecord } from './schema.ts';

/** A client operation ended. */
export type OperationEvent = Extract<StoreEvent, { kind: 'operation' }>;

const OPS = ['get', 'put', 'head', 'delete', 'list', 'copy'] as const;

/** Requests that were never answered, nor given up by their client. */
export interface Unanswered {
  /** Their client's process ended … */
  readonly clientEnded: number;
  /** … or still waited when the run was over. */
  readonly stillOpen: number;
  /** How many of them were of a known kind; the others are in the totals of all kinds only. */
  readonly byOp: Readonly<Partial<Record<OperationEvent['op'], number>>>;
}

/**
 * Counts and latencies of client operations: altogether (those called after warm-up) and by time bucket (of their
 * end, warm-up included). Latency is that of operations that ended `ok`: a fast error must not look like a fast
 * answer. Operations that end after the last bucket are in the totals only.
 */
export class Operations {
  readonly #all: OneOperation;
  readonly #byOp: Record<OperationEvent['op'], OneOperation>;
  #late = 0;
  /** Of all kinds together. */
  readonly track: LatencyTrack;

  constructor(buckets: Buckets) {
    this.track = new LatencyTrack(buckets);
    this.#all = new OneOperation('all', buckets);
    this.#byOp = {
      get: new OneOperation('get', buckets),
      put: new OneOperation('put', buckets),
      head: new OneOperation('head', buckets),
      delete: new OneOperation('delete', buckets),
      list: new OneOperation('list', buckets),
      copy: new OneOperation('copy', buckets),
    };
  }

  /** Operations that ended when the time axis had. */
  get late(): number {
    return this.#late;
  }

  /** `measured`: called after warm-up. `inAxis`: ended within the time axis. */
  record(event: OperationEvent, measured: boolean, inAxis: boolean): void {
    const one = this.#byOp[event.op];
    if (measured) one.recordTotal(event);
    if (inAxis) one.recordBucket(event);
    else this.#late++;
  }

  /** Nobody knows what became of these requests, or when they were called: they count as unknown, in totals only. */
  addUnanswered({ clientEnded, stillOpen, byOp }: Unanswered): void {
    let rest = clientEnded + stillOpen;
    for (const op of OPS) {
      const requests = byOp[op] ?? 0;
      this.#byOp[op].addUnknown(requests);
      rest -= requests;
    }
    this.#all.addUnknown(Math.max(0, rest));
  }

  closeBucket(index: number): void {
    for (const op of OPS) {
      this.#all.addBucket(this.#byOp[op]);
      this.#byOp[op].closeBucket(index);
    }
    this.#all.closeBucket(index, this.track);
  }

  /** 'all' first, then each kind that was called at all. */
  finish(): OperationRecord[] {
    for (const op of OPS) this.#all.addTotal(this.#byOp[op]);
    const used = OPS.map((op) => this.#byOp[op]).filter((one) => one.used);
    return [this.#all, ...used].map((one) => one.toRecord());
  }
}

class OneOperation {
  readonly #op: string;
  readonly #total = new Histogram();
  readonly #bucket = new Histogram();
  readonly #series: OperationRecord['series'];
  #requests = 0;
  #failed = 0;
  #unknown = 0;
  #bucketRequests = 0;
  #bucketFailed = 0;
  #bucketUnknown = 0;
  used = false;

  constructor(op: string, buckets: Buckets) {
    this.#op = op;
    this.#series = {
      requests: buckets.zeros(),
      failed: buckets.zeros(),
      unknown: buckets.zeros(),
      p50Ms: buckets.gaps(),
      p99Ms: buckets.gaps(),
      maxMs: buckets.gaps(),
    };
  }

  recordTotal(event: OperationEvent): void {
    this.#requests++;
    if (event.status === 'ok') this.#total.record(event.latencyMs);
    else if (event.status === 'failed') this.#failed++;
    else this.#unknown++;
  }

  addUnknown(requests: number): void {
    this.#requests += requests;
    this.#unknown += requests;
    if (requests > 0) this.used = true;
  }

  recordBucket(event: OperationEvent): void {
    this.#bucketRequests++;
    if (event.status === 'ok') this.#bucket.record(event.latencyMs);
    else if (event.status === 'failed') this.#bucketFailed++;
    else this.#bucketUnknown++;
  }

  addBucket(other: OneOperation): void {
    if (other.#bucketRequests === 0) return;
    this.#bucketRequests += other.#bucketRequests;
    this.#bucketFailed += other.#bucketFailed;
    this.#bucketUnknown += other.#bucketUnknown;
    this.#bucket.merge(other.#bucket);
  }

  addTotal(other: OneOperation): void {
    this.#requests += other.#requests;
    this.#failed += other.#failed;
    this.#unknown += other.#unknown;
    this.#total.merge(other.#total);
  }

  closeBucket(index: number, track?: LatencyTrack): void {
    if (this.#bucketRequests === 0) return;
    track?.closeBucket(index, this.#bucketRequests, this.#bucketFailed + this.#bucketUnknown, this.#bucket);
    this.used = true;
    this.#series.requests[index] = this.#bucketRequests;
    this.#series.failed[index] = this.#bucketFailed;
    this.#series.unknown[index] = this.#bucketUnknown;
    this.#series.p50Ms[index] = roundGap(this.#bucket.quantileMs(0.5));
    this.#series.p99Ms[index] = roundGap(this.#bucket.quantileMs(0.99));
    this.#series.maxMs[index] = roundGap(this.#bucket.maxMs);
    this.#bucketRequests = 0;
    this.#bucketFailed = 0;
    this.#bucketUnknown = 0;
    this.#bucket.clear();
  }

  toRecord(): OperationRecord {
    return {
      op: this.#op,
      requests: this.#requests,
      ok: this.#requests - this.#failed - this.#unknown,
      failed: this.#failed,
      unknown: this.#unknown,
      latency: latencyRecord(this.#total),
      series: this.#series,
    };
  }
}

/** Steps of a latency curve on a nines axis: tenths, then seven steps a nine, to five nines. */
const QUANTILES: readonly number[] = [
  ...[0, 10, 20, 30, 40, 50, 60, 70, 80].map((percent) => percent / 100),
  ...[1, 10, 100, 1_000].flatMap((nines) =>
    [90, 92, 94, 95, 96, 97, 98].map((of100) => (nines * 100 - (100 - of100)) / (nines * 100)),
  ),
  0.99999,
];

function latencyRecord(histogram: Histogram): OperationRecord['latency'] {
  const { count } = histogram;
  const { subBucketBits, unitMs, index, count: counts } = histogram.toSparse();
  const reachable = QUANTILES.filter((quantile) => count * (1 - quantile) >= 0.999_999);
  return {
    count,
    meanMs: roundGap(histogram.meanMs),
    maxMs: roundGap(histogram.maxMs),
    percentiles: reachable.map((quantile) => [quantile, roundGap(histogram.quantileMs(quantile)) ?? 0]),
    histogram: { subBucketBits, unitMs, index: [...index], count: [...counts] },
  };
}
