import type { Buckets } from './buckets.ts';
import type { ReplicaTruth } from './replica-truth.ts';
import { roundTime } from './round.ts';
import type { RunRecord } from './schema.ts';

type Span = RunRecord['durability']['spans'][number];
type Level = Span['level'];

/** Spans beyond this are counted, not kept: something flaps. */
const MOST_SPANS = 500;

/** How long redundancy was reduced, over all of a run after its warm-up: what figures are made of. */
export interface ReducedTimes {
  /** Time with any partition under-replicated, to the end of the run. */
  readonly underReplicatedMs: number;
  /** Time with any partition unavailable, to the end of the run. */
  readonly unavailableMs: number;
  /**
   * Longest time from a loss to full redundancy, which may come after the end of the run; to that end where it never
   * came. Null where nothing was lost.
   */
  readonly longestUnderReplicatedMs: number | null;
  /** Most partitions that were lost at once. */
  readonly mostLost: number;
}

interface LevelTrack {
  readonly level: Level;
  readonly series: number[];
  open: Span | null;
  openSinceMs: number;
  reducedMs: number;
  longestMs: number | null;
  most: number;
}

/** Series and spans of reduced redundancy: told after each change of the truth and at each bucket's end. */
export class Durability {
  readonly #truth: ReplicaTruth;
  readonly #buckets: Buckets;
  readonly #measuredFromMs: number;
  readonly #durationMs: number;
  readonly #levels: LevelTrack[];
  readonly #spans: Span[] = [];
  #omitted = 0;

  /** Totals count from the end of warm-up. */
  constructor(truth: ReplicaTruth, buckets: Buckets, run: { readonly warmupMs: number; readonly durationMs: number }) {
    this.#truth = truth;
    this.#buckets = buckets;
    this.#measuredFromMs = run.warmupMs;
    this.#durationMs = run.durationMs;
    this.#levels = (['under-replicated', 'unavailable', 'lost'] as const).map((level) => ({
      level,
      series: buckets.zeros(),
      open: null,
      openSinceMs: 0,
      reducedMs: 0,
      longestMs: null,
      most: 0,
    }));
  }

  /** Spans that found no room. */
  get omitted(): number {
    return this.#omitted;
  }

  /** The truth may have changed. */
  note(nowMs: number): void {
    const inAxis = nowMs < this.#buckets.count * this.#buckets.widthMs;
    for (const one of this.#levels) {
      const partitions = this.#partitions(one.level);
      if (inAxis) {
        const bucket = this.#buckets.at(nowMs);
        one.series[bucket] = Math.max(one.series[bucket] ?? 0, partitions);
      }
      one.most = Math.max(one.most, partitions);
      if (partitions > 0) {
        one.open ??= this.#openSpan(one, nowMs);
        one.open.peakPartitions = Math.max(one.open.peakPartitions, partitions);
      } else if (one.open !== null) {
        one.open.endMs = roundTime(nowMs);
        one.open = null;
        this.#closeSpan(one, nowMs);
      }
    }
  }

  /** What holds at the start of a bucket counts in it, even if nothing changes. */
  startBucket(index: number): void {
    for (const one of this.#levels) {
      if (index < this.#buckets.count)
        one.series[index] = Math.max(one.series[index] ?? 0, this.#partitions(one.level));
    }
  }

  /** Times so far; what is still reduced counts to the end of the run. Call it once, at the end. */
  times(): ReducedTimes {
    for (const one of this.#levels) if (one.open !== null) this.#closeSpan(one, this.#durationMs);
    const [under, unavailable, lost] = this.#levels;
    return {
      underReplicatedMs: under?.reducedMs ?? 0,
      unavailableMs: unavailable?.reducedMs ?? 0,
      longestUnderReplicatedMs: under?.longestMs ?? null,
      mostLost: lost?.most ?? 0,
    };
  }

  finish(): RunRecord['durability'] {
    const [under, unavailable, lost] = this.#levels;
    return {
      underReplicated: under?.series ?? [],
      unavailable: unavailable?.series ?? [],
      lost: lost?.series ?? [],
      spans: this.#spans,
    };
  }

  #openSpan(one: LevelTrack, nowMs: number): Span {
    const { level } = one;
    one.openSinceMs = nowMs;
    const span: Span = { level, startMs: roundTime(nowMs), endMs: null, peakPartitions: 0 };
    if (this.#spans.length < MOST_SPANS) this.#spans.push(span);
    else this.#omitted++;
    return span;
  }

  #closeSpan(one: LevelTrack, endMs: number): void {
    const startMs = Math.max(this.#measuredFromMs, one.openSinceMs);
    one.reducedMs += Math.max(0, Math.min(this.#durationMs, endMs) - startMs);
    if (endMs > this.#measuredFromMs) one.longestMs = Math.max(one.longestMs ?? 0, endMs - startMs);
  }

  #partitions(level: Level): number {
    if (level === 'lost') return this.#truth.lost;
    return level === 'unavailable' ? this.#truth.unavailable : this.#truth.underReplicated;
  }
}
