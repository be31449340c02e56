import { z } from 'zod';
import { splitMix64 } from '../../hash/splitmix64.ts';
import { Word64 } from '../../hash/word64.ts';
import { crc32cWord } from '../../hash.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import type { PlacementDefinition } from '../placement.ts';
import { bucketsOf, byName } from './bucket-numbers.ts';
import type { Draws } from './draws.ts';
import { firstNumber, placesOf, vacantBuckets } from './numbered-buckets.ts';
import { placementByHash } from './owners-by-hash.ts';

/**
 * AnchorHash: a fixed set of buckets, the anchor, of which some work. A key that hashes to a removed bucket is hashed again
 * among those that worked after its removal, until it meets one that works.
 *
 * Source: G. Mendelson et al., "AnchorHash: A scalable consistent hash" (2020), algorithm 3, with the arrays A, W, L and K.
 */
export class Anchor {
  readonly capacity: number;
  /** A: how many worked right after the bucket's removal; 0 where it works. */
  readonly #workingAfter: Int32Array;
  /** W: the working buckets, in no order, and L: where each stands there. */
  readonly #working: Int32Array;
  readonly #place: Int32Array;
  /** K: who took the bucket's place among the working. */
  readonly #successor: Int32Array;
  readonly #removed: number[] = [];
  #size: number;

  /** Buckets 0 to `working` − 1 work, and the others up to `capacity` were removed from the last one down. */
  constructor(capacity: number, working: number) {
    this.capacity = capacity;
    this.#workingAfter = Int32Array.from({ length: capacity }, (_, bucket) => (bucket < working ? 0 : bucket));
    this.#working = Int32Array.from({ length: capacity }, (_, bucket) => bucket);
    this.#place = Int32Array.from(this.#working);
    this.#successor = Int32Array.from(this.#working);
    this.#size = working;
  }

  /** Number of working buckets. */
  get size(): number {
    return this.#size;
  }

  /**
   * Puts the bucket that was removed last back to work and returns it.
   *
   * @throws RangeError if all work.
   */
  add(): number {
    if (this.#size === this.capacity) throw new RangeError(`add: found ${this.#size} buckets, accepted: fewer`);
    const bucket = this.#removed.pop() ?? this.#size;
    const moved = this.#working[this.#size] ?? 0;
    this.#workingAfter[bucket] = 0;
    this.#place[moved] = this.#size;
    this.#working[this.#place[bucket] ?? 0] = bucket;
    this.#successor[bucket] = bucket;
    this.#size++;
    return bucket;
  }

  /** @throws RangeError if `bucket` doesn't work, or is the last that does. */
  remove(bucket: number): void {
    if (this.#workingAfter[bucket] !== 0 || this.#size === 1) {
      throw new RangeError(`bucket: found ${bucket}, accepted: one of at least two that work`);
    }
    this.#removed.push(bucket);
    this.#size--;
    const last = this.#working[this.#size] ?? 0;
    const place = this.#place[bucket] ?? 0;
    this.#workingAfter[bucket] = this.#size;
    this.#working[place] = last;
    this.#place[last] = place;
    this.#successor[bucket] = last;
  }

  /** The working bucket of a key. */
  bucketOf(draws: Draws): number {
    const workingAfter = this.#workingAfter;
    let bucket = draws.first(this.capacity);
    for (;;) {
      const bound = workingAfter[bucket] ?? 0;
      if (bound === 0) return bucket;
      let next = draws.again(bucket, bound);
      while ((workingAfter[next] ?? 0) >= bound) next = this.#successor[next] ?? 0;
      bucket = next;
    }
  }
}

/**
 * The hashes of a key of two 64-bit words by CRC-32C, as of the authors' code: each from the words that the one
 * before was added to and taken from.
 */
export class CrcDraws implements Draws {
  readonly #key1 = new Word64();
  readonly #key2 = new Word64();
  #hash = 0;

  key(key1: Word64, key2: Word64): this {
    this.#key1.copy(key1);
    this.#key2.copy(key2);
    return this;
  }

  first(bound: number): number {
    this.#hash = crc32cWord(this.#key1.high, this.#key1.low, this.#key2.low);
    return this.#hash % bound;
  }

  again(_bucket: number, bound: number): number {
    const { high, low } = this.#key1;
    const register = (this.#key2.low + this.#hash) | 0;
    this.#key1.subtract(0, this.#hash);
    this.#hash = crc32cWord(this.#key1.high, this.#key1.low, register);
    this.#key1.set(high, low);
    return this.#hash % bound;
  }
}

const options = z.strictObject({
  capacity: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1024)
    .describe(
      'Buckets of the anchor: the numbers that nodes can ever have; a look-up takes 1 + ln(capacity / nodes) hashes.',
    ),
  firstNumber,
  unequalWeights,
});

/** Options of the placement `anchor`. */
export type AnchorOptions = z.infer<typeof options>;

export const anchorHash: PlacementDefinition<AnchorOptions> = {
  name: 'anchor',
  summary: 'AnchorHash: keys of a bucket without a node are hashed again among those that were left when it went.',
  source:
    'G. Mendelson et al., "AnchorHash: A scalable consistent hash" (2020); hashes as of the authors’ cpp-anchorhash.',
  complexity: 'Look-up O(1 + ln(capacity / nodes)) expected a replica; memory and build O(capacity).',
  weakness:
    'Who went in which order is not known here: the free numbers at the end count as removed first, then the gaps, so that with gaps in the numbers a join or leave also moves keys of the gaps.',
  options,
  create: (nodes, { capacity, firstNumber: first, unequalWeights: choice }) => {
    checkEqualWeights('anchor', nodes, choice);
    const ordered = byName(nodes);
    const buckets = bucketsOf('anchor', ordered, first, capacity);
    const places = placesOf(buckets);
    const anchor = new Anchor(capacity, places.length);
    for (const bucket of vacantBuckets(places)) anchor.remove(bucket);
    const draws = new CrcDraws();
    const [state, second] = [new Word64(), new Word64()];
    return placementByHash(ordered, (hash) => {
      splitMix64(state.copy(hash), second);
      return places[anchor.bucketOf(draws.key(hash, second))] ?? 0;
    });
  },
};
