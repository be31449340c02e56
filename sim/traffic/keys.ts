import { mixPair } from './hash.ts';
import { Permutation } from './permutation.ts';
import type { StoredObject } from './request.ts';
import type { SizeModel } from './sizes/size-model.ts';

/** Names and sizes are kept for this many of the hottest ranks; the rest are worked out when they are met. */
const keptRanks = 1 << 20;

/**
 * The objects of generated traffic, by rank of popularity (0 is the hottest).
 *
 * A key is `<prefix><two hex digits>/<number>`: 256 folders, so that a list has something to list. The
 * set of keys is the same for every seed; which of them are hot, and how large each is, is the seed's.
 */
export class KeySpace {
  readonly count: number;
  readonly #prefix: string;
  readonly #sizes: SizeModel;
  readonly #sizeSeed: number;
  readonly #order: Permutation;
  readonly #names: string[] = [];
  readonly #keptSizes: Float64Array;

  constructor(count: number, prefix: string, sizes: SizeModel, seed: number) {
    this.count = count;
    this.#prefix = prefix;
    this.#sizes = sizes;
    this.#sizeSeed = mixPair(seed, 1);
    this.#order = new Permutation(count, mixPair(seed, 2));
    const kept = Math.min(count, keptRanks);
    this.#names = new Array<string>(kept).fill('');
    this.#keptSizes = new Float64Array(kept).fill(-1);
  }

  /** The key of a rank. */
  name(rank: number): string {
    const known = this.#names[rank];
    if (known) return known;
    const name = this.#spell(this.#order.at(rank));
    if (rank < this.#names.length) this.#names[rank] = name;
    return name;
  }

  /** Size of the object of a rank, in bytes: a function of its key and the seed alone, the same at every put. */
  sizeBytes(rank: number): number {
    const known = this.#keptSizes[rank] ?? -1;
    if (known >= 0) return known;
    const sizeBytes = this.#sizes.sizeBytes(mixPair(this.#sizeSeed, this.#order.at(rank)), rank);
    if (rank < this.#keptSizes.length) this.#keptSizes[rank] = sizeBytes;
    return sizeBytes;
  }

  *[Symbol.iterator](): IterableIterator<StoredObject> {
    for (let rank = 0; rank < this.count; rank++) yield { key: this.name(rank), sizeBytes: this.sizeBytes(rank) };
  }

  #spell(id: number): string {
    const folder = (id & 255).toString(16).padStart(2, '0');
    return `${this.#prefix}${folder}/${id}`;
  }
}

/** What a `list` of this key asks for: the key's folder. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
