import type { ListEntry } from '../../messages/metadata.ts';
import type { ObjectVersion } from '../../model.ts';
import { type HistoryBounds, KeyHistory, type KeySlot, versionAt } from './key-history.ts';
import { SortedKeys } from './sorted-keys.ts';

/** What is kept of a deleted key until every holder has deleted its blocks, and for some time more. */
export interface Tombstone {
  readonly key: string;
  readonly generation: number;
  readonly sinceMs: number;
  /** Blocks that are still to be deleted somewhere. */
  readonly pendingBlocks: number;
}

/** Which items a listing wants: see `object.list`. */
export interface ListQuery {
  readonly prefix: string;
  /** '' for none. */
  readonly delimiter: string;
  readonly after: string;
  readonly limit: number;
  readonly revision: number;
}

export interface Page {
  readonly entries: readonly ListEntry[];
  readonly prefixes: readonly string[];
  /** Where the next page begins, exclusive; undefined if this was the last. */
  readonly next: string | undefined;
}

/** The current version of each key, in the order of keys, their recent past, and the tombstones of deleted ones, oldest first. */
export class ObjectTable {
  readonly tombstones = new Map<string, Tombstone>();
  readonly history: KeyHistory;
  /** Of keys that are live, or of which a past version is kept. */
  readonly #slots = new Map<string, KeySlot>();
  readonly #keys = new SortedKeys();
  #size = 0;

  constructor(bounds: HistoryBounds) {
    this.history = new KeyHistory(bounds);
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): ObjectVersion | undefined {
    return this.#slots.get(key)?.live;
  }

  set(version: ObjectVersion, atMs: number): void {
    const slot = this.#slotOf(version.key);
    if (slot.live === undefined) {
      this.#size += 1;
      this.tombstones.delete(version.key);
    } else this.#end(slot, slot.live, version.generation, atMs);
    slot.live = version;
  }

  delete(tombstone: Tombstone): void {
    const { key, generation, sinceMs } = tombstone;
    const slot = this.#slots.get(key);
    if (slot?.live !== undefined) {
      this.#end(slot, slot.live, generation, sinceMs);
      slot.live = undefined;
      this.#size -= 1;
    }
    this.tombstones.delete(key);
    this.tombstones.set(key, tombstone);
  }

  /** One block of a key that was deleted at `generation` is gone everywhere. */
  settle(key: string, generation: number): void {
    const tombstone = this.tombstones.get(key);
    if (tombstone?.generation !== generation) return;
    this.tombstones.set(key, { ...tombstone, pendingBlocks: tombstone.pendingBlocks - 1 });
  }

  /** Forgets tombstones made before `beforeMs` whose blocks are all gone. */
  bury(beforeMs: number): void {
    for (const tombstone of this.tombstones.values()) {
      if (tombstone.sinceMs >= beforeMs) return;
      if (tombstone.pendingBlocks <= 0) this.tombstones.delete(tombstone.key);
    }
  }

  /** Forgets the past that is beyond the bounds by `nowMs`. */
  compact(nowMs: number): void {
    for (;;) {
      const slot = this.history.compact(nowMs);
      if (slot === undefined) return;
      if (slot.live !== undefined || slot.past !== undefined) continue;
      this.#slots.delete(slot.key);
      this.#keys.delete(slot.key);
    }
  }

  /** One page of a listing at a revision that is neither compacted nor to come. A group of keys costs one search. */
  list({ prefix, delimiter, after, limit, revision }: ListQuery): Page {
    const entries: ListEntry[] = [];
    const prefixes: string[] = [];
    let last = '';
    let start: string | undefined = startAfter(prefix, delimiter, after);
    while (start !== undefined) {
      const from: string = start;
      start = undefined;
      for (const key of this.#keys.from(from)) {
        if (!key.startsWith(prefix)) break;
        const entry = key > after ? this.#entryAt(key, revision) : undefined;
        if (entry === undefined) continue;
        const group = groupOf(key, prefix, delimiter);
        if (entries.length + prefixes.length === limit) return { entries, prefixes, next: last };
        last = group ?? key;
        if (group === undefined) entries.push(entry);
        else {
          prefixes.push(group);
          start = endOf(group);
          break;
        }
      }
    }
    return { entries, prefixes, next: undefined };
  }

  /** All versions in the order of keys. */
  *versions(): Generator<ObjectVersion, void> {
    for (const key of this.#keys.from()) {
      const version = this.get(key);
      if (version !== undefined) yield version;
    }
  }

  /** Takes over one version that another member kept of the past: the oldest first, after the current versions. */
  restorePast(key: string, generation: number, sizeBytes: number, untilRevision: number, untilMs: number): void {
    this.history.add(this.#slotOf(key), generation, sizeBytes, untilRevision, untilMs);
  }

  #slotOf(key: string): KeySlot {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot: KeySlot = { key, live: undefined, past: undefined };
    this.#slots.set(key, slot);
    this.#keys.add(key);
    return slot;
  }

  /** The slot's current version belongs to the past from now on. */
  #end(slot: KeySlot, { generation, sizeBytes }: ObjectVersion, untilRevision: number, untilMs: number): void {
    this.history.add(slot, generation, sizeBytes, untilRevision, untilMs);
  }

  #entryAt(key: string, revision: number): ListEntry | undefined {
    const slot = this.#slots.get(key);
    const version = slot === undefined ? undefined : versionAt(slot, revision);
    return version === undefined ? undefined : { key, generation: version.generation, sizeBytes: version.sizeBytes };
  }
}

/** The first text that may be or begin an item after `after`; undefined if there can be none. */
function startAfter(prefix: string, delimiter: string, after: string): string | undefined {
  if (after <= prefix && after !== prefix) return prefix;
  if (!after.startsWith(prefix)) return undefined;
  const group = groupOf(after, prefix, delimiter);
  return group === undefined ? after : endOf(group);
}

/** The common prefix under which a key is told of; undefined if it stands for itself. */
function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The least text that sorts after all that begin with `group`; undefined if there is none. */
function endOf(group: string): string | undefined {
  for (let last = group.length - 1; last >= 0; last--) {
    const unit = group.charCodeAt(last);
    if (unit < 0xffff) return group.slice(0, last) + String.fromCharCode(unit + 1);
  }
  return undefined;
}
