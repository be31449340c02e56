import type { ObjectVersion } from '../../model.ts';

/** A key that has a version, or had one lately. */
export interface KeySlot {
  readonly key: string;
  /** Undefined once it was deleted. */
  live: ObjectVersion | undefined;
  /** What was before, the latest first. */
  past: PastVersion | undefined;
}

/** A version that was replaced or deleted, as far as a listing of an older revision needs it. */
export interface PastVersion {
  readonly slot: KeySlot;
  readonly generation: number;
  readonly sizeBytes: number;
  /** The revision that ended it, and when that was in cluster time. */
  readonly untilRevision: number;
  readonly untilMs: number;
  older: PastVersion | undefined;
  newer: PastVersion | undefined;
}

/** How much of the past is kept. */
export interface HistoryBounds {
  readonly versions: number;
  readonly ms: number;
}

/**
 * What keys were before: the versions that have ended lately, so that a listing of many pages can go on at the revision of
 * its first one. Bounded by number and by age, both counted in what the log says, so that all members forget alike. Each
 * key's past hangs on its slot, so a write neither searches nor hashes anything for it.
 *
 * The idea is etcd's multi-version store and its compaction (etcd documentation, "Data model").
 */
export class KeyHistory {
  readonly #bounds: HistoryBounds;
  /** In the order in which they ended; what stands before `#first` is forgotten. */
  #ended: PastVersion[] = [];
  #first = 0;
  #oldestRevision = 0;

  constructor(bounds: HistoryBounds) {
    this.#bounds = bounds;
  }

  /** The oldest revision of which all is known. */
  get oldestRevision(): number {
    return this.#oldestRevision;
  }

  get size(): number {
    return this.#ended.length - this.#first;
  }

  /** The version of the slot's key that was current until `untilRevision`. */
  add(slot: KeySlot, generation: number, sizeBytes: number, untilRevision: number, untilMs: number): void {
    const older = slot.past;
    const past: PastVersion = { slot, generation, sizeBytes, untilRevision, untilMs, older, newer: undefined };
    if (older !== undefined) older.newer = past;
    slot.past = past;
    this.#ended.push(past);
  }

  /** Forgets one version that is beyond the bounds. @returns its slot, undefined if all are within. */
  compact(nowMs: number): KeySlot | undefined {
    const oldest = this.#ended[this.#first];
    if (oldest === undefined) return undefined;
    if (this.size <= this.#bounds.versions && oldest.untilMs >= nowMs - this.#bounds.ms) return undefined;
    this.#first += 1;
    if (this.#first > 1_024 && this.#first * 2 > this.#ended.length) {
      this.#ended = this.#ended.slice(this.#first);
      this.#first = 0;
    }
    this.#oldestRevision = oldest.untilRevision;
    if (oldest.newer === undefined) oldest.slot.past = undefined;
    else oldest.newer.older = undefined;
    return oldest.slot;
  }

  /** All that is kept, in the order in which it ended. */
  all(): readonly PastVersion[] {
    return this.#ended.slice(this.#first);
  }

  restoreOldest(revision: number): void {
    this.#oldestRevision = revision;
  }
}

/** The version of a key at a revision that is not compacted; undefined if it had none. */
export function versionAt(slot: KeySlot, revision: number): { generation: number; sizeBytes: number } | undefined {
  const { live } = slot;
  if (live !== undefined && live.generation <= revision) return live;
  let past = slot.past;
  while (past !== undefined && past.generation > revision) past = past.older;
  return past !== undefined && past.untilRevision > revision ? past : undefined;
}
