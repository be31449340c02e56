import type { ListEntry } from '../../messages/metadata.ts';
import type { ObjectVersion } from '../../model.ts';
import { SortedKeys } from './sorted-keys.ts';

/** What is kept of a deleted key until every holder has deleted its blocks, and for some time more. */
export interface Tombstone {
  readonly key: string;
  readonly generation: number;
  readonly sinceMs: number;
  /** Blocks that are still to be deleted somewhere. */
  readonly pendingBlocks: number;
}

export interface Page {
  readonly entries: readonly ListEntry[];
  /** Where the next page begins, exclusive; undefined if this was the last. */
  readonly next: string | undefined;
}

/** The current version of each key, in the order of keys, and the tombstones of deleted ones, oldest first. */
export class ObjectTable {
  readonly tombstones = new Map<string, Tombstone>();
  readonly #live = new Map<string, ObjectVersion>();
  readonly #keys = new SortedKeys();

  get size(): number {
    return this.#live.size;
  }

  get(key: string): ObjectVersion | undefined {
    return this.#live.get(key);
  }

  set(version: ObjectVersion): void {
    if (!this.#live.has(version.key)) this.#keys.add(version.key);
    this.#live.set(version.key, version);
    this.tombstones.delete(version.key);
  }

  delete(tombstone: Tombstone): void {
    if (this.#live.delete(tombstone.key)) this.#keys.delete(tombstone.key);
    this.tombstones.delete(tombstone.key);
    this.tombstones.set(tombstone.key, tombstone);
  }

  /** One block of a deleted key is gone everywhere. */
  settle(key: string): void {
    const tombstone = this.tombstones.get(key);
    if (tombstone !== undefined) this.tombstones.set(key, { ...tombstone, pendingBlocks: tombstone.pendingBlocks - 1 });
  }

  /** Forgets tombstones made before `beforeMs` whose blocks are all gone. */
  bury(beforeMs: number): void {
    for (const tombstone of this.tombstones.values()) {
      if (tombstone.sinceMs >= beforeMs) return;
      if (tombstone.pendingBlocks <= 0) this.tombstones.delete(tombstone.key);
    }
  }

  /** Keys that begin with `prefix` and come after `after`, at most `limit`. */
  list(prefix: string, limit: number, after: string): Page {
    const entries: ListEntry[] = [];
    for (const key of this.#keys.from(prefix > after ? prefix : after)) {
      if (key === after && after !== '') continue;
      if (!key.startsWith(prefix)) {
        if (key > prefix) break;
        continue;
      }
      if (entries.length === limit) return { entries, next: entries.at(-1)?.key ?? after };
      const version = this.#live.get(key);
      if (version !== undefined) entries.push({ key, generation: version.generation, sizeBytes: version.sizeBytes });
    }
    return { entries, next: undefined };
  }

  /** All versions in the order of keys. */
  *versions(): Generator<ObjectVersion, void> {
    for (const key of this.#keys.from()) {
      const version = this.#live.get(key);
      if (version !== undefined) yield version;
    }
  }
}
