import { z } from 'zod';
import { Word64 } from '../../hash/word64.ts';
import { crc32cWord } from '../../hash.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import { type OwnerStream, StreamPlacement } from '../owner-stream.ts';
import { PartitionHashes } from '../partition-hashes.ts';
import type { PlacementDefinition } from '../placement.ts';
import { bucketsOf, byName } from './bucket-numbers.ts';
import type { Draws } from './draws.ts';
import { firstNumber, placesOf } from './numbered-buckets.ts';

/**
 * Draws for each slot before a walk gives up on chance: a sequence of hashes may run in a circle that misses all slots
 * sought, which the authors' code would follow for ever.
 */
const drawsPerSlot = 64;

/**
 * DxHash: an array of slots, of which some work. A key walks a pseudo-random sequence of slots, its own, up to the
 * first that works.
 *
 * Source: C. Dong, F. Wang, "DxHash: A scalable consistent hashing based on the pseudo-random sequence" (2021).
 */
export class DxSlots {
  readonly #works: Uint8Array;

  /** Slots 0 to `working` − 1 work. */
  constructor(slots: number, working: number) {
    this.#works = new Uint8Array(slots).fill(1, 0, working);
  }

  add(slot: number): void {
    this.#works[slot] = 1;
  }

  remove(slot: number): void {
    this.#works[slot] = 0;
  }

  /**
   * The next slot of a key that works. At least one must work.
   *
   * @param after - The slot that the walk came to before; −1 for the start.
   */
  slotOf(draws: Draws, after = -1): number {
    return this.#walk(draws, after, 1);
  }

  /** The slot that a newcomer takes: the first on a walk that doesn't work. At least one must not. */
  vacantSlotOf(draws: Draws): number {
    return this.#walk(draws, -1, 0);
  }

  #walk(draws: Draws, after: number, wanted: 0 | 1): number {
    const slots = this.#works.length;
    let slot = after === -1 ? draws.first(slots) : draws.again(after, slots);
    for (let left = slots * drawsPerSlot; this.#works[slot] !== wanted; left--) {
      slot = left > 0 ? draws.again(slot, slots) : (slot + 1) % slots;
    }
    return slot;
  }
}

/** The sequence of a 32-bit key by CRC-32C, as of the authors' code. */
export class DxDraws implements Draws {
  #key = 0;
  #register = 0;
  #hash = 0;

  key(key: number): this {
    this.#key = key >>> 0;
    this.#register = (Math.imul(key, 421757) + 1) | 0;
    return this;
  }

  first(bound: number): number {
    this.#hash = this.#key;
    return this.again(0, bound);
  }

  again(_slot: number, bound: number): number {
    this.#hash = crc32cWord(0, this.#hash, this.#register);
    return this.#hash % bound;
  }
}

/** All but e^−8 of the nodes are met by then. */
const walkedPerNode = 8;

const options = z.strictObject({
  slots: z
    .int()
    .min(1)
    .max(0x100000)
    .refine((slots) => (slots & (slots - 1)) === 0, 'a power of two')
    .nullable()
    .default(null)
    .describe(
      'Slots of the array, a power of two; null: the least that holds all numbers of nodes, doubled as they grow.',
    ),
  firstNumber,
  unequalWeights,
});

/** Options of the placement `dx`. */
export type DxOptions = z.infer<typeof options>;

/** The nodes of the working slots on the partition's walk, in the order of the walk. */
class DxOwners implements OwnerStream {
  readonly #slots: DxSlots;
  readonly #places: Int32Array;
  readonly #hashes = new PartitionHashes();
  readonly #hash = new Word64();
  readonly #draws = new DxDraws();
  #slot = -1;

  /** @param places - Place in the list of the node of each slot that works. */
  constructor(slots: DxSlots, places: Int32Array) {
    this.#slots = slots;
    this.#places = places;
  }

  start(partition: number): void {
    this.#hashes.start(partition);
    this.#hashes.next(this.#hash);
    this.#draws.key(this.#hash.low);
    this.#slot = -1;
  }

  next(): number {
    this.#slot = this.#slots.slotOf(this.#draws, this.#slot);
    return this.#places[this.#slot] ?? 0;
  }
}

export const dxHash: PlacementDefinition<DxOptions> = {
  name: 'dx',
  summary:
    'DxHash: each key has a pseudo-random sequence of slots, and its owners are the first on it that have a node.',
  source:
    'C. Dong, F. Wang, "DxHash: A scalable consistent hashing based on the pseudo-random sequence" (2021); hashes as of the authors’ code.',
  complexity: 'Look-up O(slots / nodes) expected a replica; memory O(slots).',
  weakness:
    'Slow where few of the slots have a node; doubling the slots moves half of the data, unless they are set large from the start.',
  options,
  create: (nodes, { slots, firstNumber: first, unequalWeights: choice }) => {
    checkEqualWeights('dx', nodes, choice);
    const ordered = byName(nodes);
    const buckets = bucketsOf('dx', ordered, first, slots ?? 0x100000);
    const places = placesOf(buckets);
    const working = new DxSlots(slots ?? powerOfTwo(places.length), 0);
    for (const bucket of buckets) working.add(bucket);
    return new StreamPlacement(ordered, new DxOwners(working, places), ordered.length * walkedPerNode);
  },
};

/** The least one that is at least `least`. */
function powerOfTwo(least: number): number {
  let power = 1;
  while (power < least) power *= 2;
  return power;
}
