import { z } from 'zod';
import { splitMix64 } from '../../hash/splitmix64.ts';
import { Word64 } from '../../hash/word64.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import type { PlacementDefinition } from '../placement.ts';
import { bucketsOf, byName } from './bucket-numbers.ts';
import { jump } from './jump.ts';
import { firstNumber, placesOf, vacantBuckets } from './numbered-buckets.ts';
import { placementByHash } from './owners-by-hash.ts';

/** What is remembered of a removed bucket. */
interface Replacement {
  /** How many buckets worked right after its removal: those below are where its keys go. */
  readonly replacer: number;
  /** The bucket that was removed before it. */
  readonly removedBefore: number;
}

/** The hash of a key once more, where the last one led to `bucket`, which is gone: a number below `bound`. */
export type HashAgain = (hash: Word64, bucket: number, bound: number) => number;

/**
 * MementoHash: jump consistent hash that remembers the buckets removed from the middle, and nothing else.
 *
 * Source: M. Coluzzi et al., "MementoHash: A stateful, minimal memory, best performing consistent hash algorithm" (2023).
 */
export class Memento {
  /** Buckets with those removed from the middle: what jump is asked for. */
  #buckets: number;
  #lastRemoved: number;
  readonly #replacements = new Map<number, Replacement>();

  constructor(buckets: number) {
    this.#buckets = buckets;
    this.#lastRemoved = buckets;
  }

  /** Number of working buckets. */
  get size(): number {
    return this.#buckets - this.#replacements.size;
  }

  /** Puts the bucket that was removed last back to work, or a new one at the end where none was, and returns it. */
  add(): number {
    const bucket = this.#lastRemoved;
    const replacement = this.#replacements.get(bucket);
    this.#replacements.delete(bucket);
    this.#lastRemoved = replacement?.removedBefore ?? bucket + 1;
    this.#buckets = Math.max(this.#buckets, bucket + 1);
    return bucket;
  }

  /** @throws RangeError if `bucket` doesn't work, or is the last that does. */
  remove(bucket: number): void {
    if (!(bucket >= 0 && bucket < this.#buckets) || this.#replacements.has(bucket) || this.size === 1) {
      throw new RangeError(`bucket: found ${bucket}, accepted: one of at least two that work`);
    }
    if (this.#replacements.size === 0 && bucket === this.#buckets - 1) {
      this.#buckets = bucket;
    } else {
      this.#replacements.set(bucket, { replacer: this.size - 1, removedBefore: this.#lastRemoved });
    }
    this.#lastRemoved = bucket;
  }

  /** The working bucket of a key. */
  bucketOf(hash: Word64, hashAgain: HashAgain): number {
    let bucket = jump(hash, this.#buckets);
    let replacer = this.#replacer(bucket);
    while (replacer >= 0) {
      bucket = hashAgain(hash, bucket, replacer);
      let next = this.#replacer(bucket);
      while (next >= replacer) {
        bucket = next;
        next = this.#replacer(bucket);
      }
      replacer = next;
    }
    return bucket;
  }

  #replacer(bucket: number): number {
    return this.#replacements.get(bucket)?.replacer ?? -1;
  }
}

const state = new Word64();
const hashed = new Word64();

/** SplitMix64 from the hash with the bucket in its upper half. */
function splitMixAgain(hash: Word64, bucket: number, bound: number): number {
  splitMix64(state.set(hash.high ^ (bucket + 1), hash.low), hashed);
  return hashed.modulo(bound);
}

const options = z.strictObject({ firstNumber, unequalWeights });

/** Options of the placement `memento`. */
export type MementoOptions = z.infer<typeof options>;

/** Numbers beyond it would take long to find absent. */
const maxBuckets = 1_000_000;

export const mementoHash: PlacementDefinition<MementoOptions> = {
  name: 'memento',
  summary: 'MementoHash: jump consistent hash that remembers which buckets have no node, and where their keys went.',
  source:
    'M. Coluzzi et al., "MementoHash: A stateful, minimal memory, best performing consistent hash algorithm" (2023).',
  complexity:
    'Look-up O(ln buckets + ln²(buckets / nodes)) expected a replica; memory O(nodes + gaps in their numbers).',
  weakness:
    'Who went in which order is not known here: gaps in the numbers count as removed from the last one down, so that with gaps a join or leave also moves keys of the gaps.',
  options,
  create: (nodes, { firstNumber: first, unequalWeights: choice }) => {
    checkEqualWeights('memento', nodes, choice);
    const ordered = byName(nodes);
    const places = placesOf(bucketsOf('memento', ordered, first, maxBuckets));
    const memento = new Memento(places.length);
    for (const bucket of vacantBuckets(places)) memento.remove(bucket);
    return placementByHash(ordered, (hash) => places[memento.bucketOf(hash, splitMixAgain)] ?? 0);
  },
};
