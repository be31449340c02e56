import { z } from 'zod';
import { murmur3Word } from '../../hash.ts';
import type { EvolvingPlacement } from '../evolving.ts';
import { compareIds } from '../hash-ring.ts';
import type { PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { type Candidates, Spread } from '../spread.ts';
import { reslice, type Slice } from './slices.ts';

const options = z.strictObject({
  draws: z
    .int()
    .min(1)
    .max(10_000)
    .default(64)
    .describe(
      'Points drawn for a partition until its replicas are found; after that the slices behind the last one are asked.',
    ),
});

/** Options of the placement `random-slicing`. */
export type RandomSlicingOptions = z.infer<typeof options>;

/** Points are drawn for a partition one after the other; the owner of the slice that a point falls into is the next candidate. */
class RandomSlicingPlacement implements EvolvingPlacement, Candidates {
  readonly #options: RandomSlicingOptions;
  readonly #slices: readonly Slice[];
  readonly #starts: Float64Array;
  readonly #owners: Int32Array;
  readonly #spread: Spread;
  /** Number of the last look-up that met the node. */
  readonly #met: Float64Array;
  #lookUp = 0;
  #partition = 0;
  #drawn = 0;
  #passed = 0;
  #slice = 0;

  constructor(nodes: readonly PlacementNode[], chosen: RandomSlicingOptions, before: readonly Slice[]) {
    const ordered = [...nodes].sort(compareIds);
    const places = new Map(ordered.map(({ id }, place) => [id, place]));
    this.#options = chosen;
    this.#slices = reslice(before, ordered);
    this.#starts = Float64Array.from(this.#slices, ({ start }) => start);
    this.#owners = Int32Array.from(this.#slices, ({ id }) => places.get(id) ?? -1);
    this.#spread = new Spread(ordered);
    this.#met = new Float64Array(ordered.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    this.#lookUp++;
    this.#partition = partition;
    this.#drawn = 0;
    this.#passed = 0;
    return this.#spread.pick(this, count);
  }

  evolve(nodes: readonly PlacementNode[]): RandomSlicingPlacement {
    return new RandomSlicingPlacement(nodes, this.#options, this.#slices);
  }

  next(): number {
    while (this.#drawn < this.#options.draws) {
      this.#slice = this.#sliceAt(murmur3Word(this.#partition, ++this.#drawn));
      const place = this.#meet(this.#slice);
      if (place >= 0) return place;
    }
    while (this.#passed < this.#owners.length) {
      const place = this.#meet((this.#slice + ++this.#passed) % this.#owners.length);
      if (place >= 0) return place;
    }
    return -1;
  }

  /** The owner of a slice, or −1 if this look-up has met it before. */
  #meet(slice: number): number {
    const place = this.#owners[slice] ?? -1;
    if (this.#met[place] === this.#lookUp) return -1;
    this.#met[place] = this.#lookUp;
    return place;
  }

  #sliceAt(point: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= point) low = middle;
      else high = middle;
    }
    return low;
  }
}

export const randomSlicing: PlacementDefinition<RandomSlicingOptions> = {
  name: 'random-slicing',
  summary:
    'A line cut into slices by weight, recut with the least change when nodes come and go; a partition’s hashes fall on slices.',
  source:
    'A. Miranda et al., "Random Slicing: efficient and scalable data placement for large-scale storage systems" (ACM TOS 2014). The hash is MurmurHash3.',
  complexity:
    'Look-up O(replicas × log slices); memory O(slices): those of n joins are O(n²) at worst, far fewer in practice.',
  weakness:
    'The slices must be kept and agreed on. Built anew for other nodes it moves much more than the least, up to half of all; a node without a share in the 32 bits of a hash would own nothing.',
  options,
  create: (nodes, chosen) => new RandomSlicingPlacement(nodes, chosen, []),
};
