import type { StoreEvent } from '../store/events.ts';
import type { Buckets } from './buckets.ts';
import { roundTime, roundValue } from './round.ts';
import { type LedgerEntry, MOVE_CAUSES, type MoveCause, type RunRecord } from './schema.ts';

type Started = Extract<StoreEvent, { kind: 'move-started' }>;
type Ended = Extract<StoreEvent, { kind: 'move-ended' }>;
type Copied = Extract<StoreEvent, { kind: 'copied' }>;

const MOST_ENTRIES = 2_000;

/** Every move and repair: the first 2,000 in full, all of them in the totals. */
export class Ledger {
  readonly #buckets: Buckets;
  readonly #storedPeakToMean: () => number | null;
  readonly #entries: LedgerEntry[] = [];
  readonly #open = new Map<number, { readonly entry: LedgerEntry; readonly before: number | null }>();
  readonly #movedBytes = new Map<MoveCause, number[]>();
  readonly #totals = new Map<MoveCause, number>();
  #omitted = 0;

  /** `storedPeakToMean` tells how evenly bytes lie at this instant: whether a move helped. */
  constructor(buckets: Buckets, storedPeakToMean: () => number | null) {
    this.#buckets = buckets;
    this.#storedPeakToMean = storedPeakToMean;
  }

  start(event: Started, nowMs: number): void {
    if (this.#entries.length >= MOST_ENTRIES) {
      this.#omitted++;
      return;
    }
    const { cause, partition, from, to, blocks, why } = event;
    const entry: LedgerEntry = {
      cause,
      partition,
      from,
      to,
      bytes: 0,
      blocks,
      startMs: roundTime(nowMs),
      endMs: null,
      outcome: 'open',
      why,
      helped: null,
    };
    this.#entries.push(entry);
    this.#open.set(event.transferId, { entry, before: this.#storedPeakToMean() });
  }

  copied(event: Copied, nowMs: number): void {
    const open = this.#open.get(event.transferId);
    if (open !== undefined) open.entry.bytes += event.sizeBytes;
    this.#totals.set(event.cause, (this.#totals.get(event.cause) ?? 0) + event.sizeBytes);
    if (nowMs >= this.#buckets.count * this.#buckets.widthMs) return;
    const series = this.#movedBytes.get(event.cause) ?? this.#buckets.zeros();
    const bucket = this.#buckets.at(nowMs);
    series[bucket] = (series[bucket] ?? 0) + event.sizeBytes;
    this.#movedBytes.set(event.cause, series);
  }

  end(event: Ended, nowMs: number): void {
    const open = this.#open.get(event.transferId);
    if (open === undefined) return;
    this.#open.delete(event.transferId);
    const { entry, before } = open;
    entry.bytes = event.bytes;
    entry.blocks = event.blocks;
    entry.endMs = roundTime(nowMs);
    entry.outcome = event.outcome;
    if (event.why !== '') entry.why = `${entry.why}; ${event.why}`;
    if (event.outcome !== 'done') return;
    const after = this.#storedPeakToMean();
    if (before !== null && after !== null) entry.helped = { before: roundValue(before), after: roundValue(after) };
  }

  /** Bytes that arrived for these causes, from time 0 until the cluster is whole again, be it after the end of the time axis. */
  movedBytes(causes: readonly MoveCause[]): number {
    return causes.reduce((sum, cause) => sum + (this.#totals.get(cause) ?? 0), 0);
  }

  finish(leastBytes: number | null): RunRecord['ledger'] {
    const movedBytes: Record<string, number[]> = {};
    for (const cause of MOVE_CAUSES) {
      const series = this.#movedBytes.get(cause);
      if (series !== undefined) movedBytes[cause] = series;
    }
    return { entries: this.#entries, omitted: this.#omitted, movedBytes, leastBytes };
  }
}
