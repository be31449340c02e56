import type { Buckets } from './buckets.ts';
import type { ReplicaTruth } from './replica-truth.ts';
import { roundTime } from './round.ts';
import type { RunRecord } from './schema.ts';

type Span = RunRecord['durability']['spans'][number];
type Level = Span['level'];

/** Spans beyond this are counted, not kept: something flaps. */
const MOST_SPANS = 500;

/** Series and spans of reduced redundancy: told after each change of the truth and at each bucket's end. */
export class Durability {
  readonly #truth: ReplicaTruth;
  readonly #buckets: Buckets;
  readonly #levels: { readonly level: Level; readonly series: number[]; open: Span | null }[];
  readonly #spans: Span[] = [];
  #omitted = 0;

  constructor(truth: ReplicaTruth, buckets: Buckets) {
    this.#truth = truth;
    this.#buckets = buckets;
    this.#levels = (['under-replicated', 'unavailable', 'lost'] as const).map((level) => ({
      level,
      series: buckets.zeros(),
      open: null,
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
      if (partitions > 0) {
        one.open ??= this.#openSpan(one.level, nowMs);
        one.open.peakPartitions = Math.max(one.open.peakPartitions, partitions);
      } else if (one.open !== null) {
        one.open.endMs = roundTime(nowMs);
        one.open = null;
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

  finish(): RunRecord['durability'] {
    const [under, unavailable, lost] = this.#levels;
    return {
      underReplicated: under?.series ?? [],
      unavailable: unavailable?.series ?? [],
      lost: lost?.series ?? [],
      spans: this.#spans,
    };
  }

  #openSpan(level: Level, nowMs: number): Span {
    const span: Span = { level, startMs: roundTime(nowMs), endMs: null, peakPartitions: 0 };
    if (this.#spans.length < MOST_SPANS) this.#spans.push(span);
    else this.#omitted++;
    return span;
  }

  #partitions(level: Level): number {
    if (level === 'lost') return this.#truth.lost;
    return level === 'unavailable' ? this.#truth.unavailable : this.#truth.underReplicated;
  }
}
