import type { Body } from '../../host.ts';
import type { ObjectVersion } from '../model.ts';

/** What is charged for an entry and for each block that it names, in bytes, beside its key and its body. */
const ENTRY_BYTES = 64;
const BLOCK_BYTES = 48;

/** The newest that is known of one key. */
interface Entry {
  readonly generation: number;
  /** Undefined if all that is known is that older ones are out of date. */
  readonly version: ObjectVersion | undefined;
  /** When `version` was certainly the newest, on the local monotonic clock. */
  readonly confirmedMs: number;
  readonly body: Body | undefined;
  readonly chargedBytes: number;
}

/**
 * What a client remembers of objects: versions and small bodies, bounded in bytes; what was used least recently goes first.
 * A body belongs to a key *and a generation*, whose content never changes, so it is right for whoever has just been told by
 * metadata that this generation is the newest. A version alone is only as fresh as its confirmation.
 *
 * Generations of an entry never fall: what a slow answer tells late does not undo what is known already.
 */
export class ObjectCache {
  readonly #limitBytes: number;
  readonly #largestBodyBytes: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #usedBytes = 0;

  /** @param largestBodyBytes - Larger bodies are not kept: they would push out many small ones. */
  constructor(limitBytes: number, largestBodyBytes: number) {
    this.#limitBytes = limitBytes;
    this.#largestBodyBytes = largestBodyBytes;
  }

  /** Declared bytes of what is kept, with what is charged for keeping it: never above the limit. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The newest version that is known, if it was so at `sinceMs` or later. */
  newest(key: string, sinceMs: number): ObjectVersion | undefined {
    const entry = this.#entries.get(key);
    if (entry?.version === undefined || entry.confirmedMs < sinceMs) return undefined;
    this.#touch(key, entry);
    return entry.version;
  }

  /** The body of this very version. */
  bodyOf({ key, generation }: ObjectVersion): Body | undefined {
    const entry = this.#entries.get(key);
    if (entry?.body === undefined || entry.generation !== generation) return undefined;
    this.#touch(key, entry);
    return entry.body;
  }

  /** `version` was the newest at `atMs`. Give its body where it is known: one that was verified, and is whole. */
  confirm(version: ObjectVersion, atMs: number, body?: Body): void {
    const { key, generation } = version;
    const known = this.#entries.get(key);
    if (known !== undefined && known.generation > generation) return;
    const same = known?.generation === generation ? known : undefined;
    const kept = body !== undefined && body.sizeBytes <= this.#largestBodyBytes ? body : same?.body;
    this.#put(key, {
      generation,
      version,
      confirmedMs: Math.max(atMs, same?.confirmedMs ?? atMs),
      body: kept,
      chargedBytes: ENTRY_BYTES + 2 * key.length + BLOCK_BYTES * version.blocks.length + (kept?.sizeBytes ?? 0),
    });
  }

  /** The key has come to `generation`, by a deletion or by a write whose content is not known here; 0: it has no version. */
  outdate(key: string, generation: number): void {
    const known = this.#entries.get(key);
    if (generation === 0 && known !== undefined) this.#remove(key, known);
    if (generation === 0 || (known !== undefined && known.generation >= generation)) return;
    const chargedBytes = ENTRY_BYTES + 2 * key.length;
    this.#put(key, { generation, version: undefined, confirmedMs: 0, body: undefined, chargedBytes });
  }

  /** The key had no version at `atMs`. */
  missing(key: string, atMs: number): void {
    const known = this.#entries.get(key);
    // Where only a generation is kept it goes on to guard against what is older.
    if (known?.version !== undefined && known.confirmedMs <= atMs) this.#remove(key, known);
  }

  #touch(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #put(key: string, entry: Entry): void {
    const known = this.#entries.get(key);
    if (known !== undefined) this.#remove(key, known);
    if (entry.chargedBytes > this.#limitBytes) return;
    this.#entries.set(key, entry);
    this.#usedBytes += entry.chargedBytes;
    for (const [oldest, { chargedBytes }] of this.#entries) {
      if (this.#usedBytes <= this.#limitBytes) return;
      this.#entries.delete(oldest);
      this.#usedBytes -= chargedBytes;
    }
  }

  #remove(key: string, { chargedBytes }: Entry): void {
    this.#entries.delete(key);
    this.#usedBytes -= chargedBytes;
  }
}
