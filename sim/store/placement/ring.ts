import { z } from 'zod';
import { murmur3, murmur3Word } from '../hash.ts';
import { compareIds, HashRing, pointCount } from './hash-ring.ts';
import type { Placement, PlacementDefinition, PlacementNode, ReplicaSet } from './placement.ts';
import { type Candidates, Spread } from './spread.ts';

const options = z.strictObject({
  virtualNodes: z
    .int()
    .min(1)
    .max(10_000)
    .default(160)
    .describe('Points on the ring of a node of unit weight; more even out the shares by their square root.'),
  unitWeight: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Weight that has virtualNodes points; null: the mean of the nodes, with which a join of another weight moves a few points of all.',
    ),
});

/** Options of the placement `ring`. */
export type RingOptions = z.infer<typeof options>;

/** Keeps the points of partitions apart from those of nodes. */
const partitionSeed = murmur3('partition');

/** The nodes that follow a partition's point clockwise, each at its first point. */
class RingPlacement implements Placement, Candidates {
  readonly #ring: HashRing<PlacementNode>;
  readonly #spread: Spread;
  /** Number of the last walk that met the node. */
  readonly #met: Float64Array;
  #walk = 0;
  #position = 0;
  /** Points that the walk has not passed yet. */
  #left = 0;

  constructor(nodes: readonly PlacementNode[], chosen: RingOptions) {
    const ordered = [...nodes].sort(compareIds);
    const unit = chosen.unitWeight ?? ordered.reduce((sum, node) => sum + node.weight, 0) / ordered.length;
    this.#ring = new HashRing(ordered, (node) => points(node, unit, chosen.virtualNodes));
    this.#spread = new Spread(ordered);
    this.#met = new Float64Array(ordered.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    this.#walk++;
    this.#left = this.#ring.size;
    this.#position = this.#ring.successor(murmur3Word(partition, partitionSeed));
    return this.#spread.pick(this, count);
  }

  next(): number {
    const { owners, size } = this.#ring;
    while (this.#left > 0) {
      const owner = owners[this.#position] ?? 0;
      this.#left--;
      if (++this.#position === size) this.#position = 0;
      if (this.#met[owner] === this.#walk) continue;
      this.#met[owner] = this.#walk;
      return owner;
    }
    return -1;
  }
}

function* points(node: PlacementNode, unitWeight: number, virtualNodes: number): Generator<number> {
  const count = pointCount(node.weight, unitWeight, virtualNodes);
  for (let replica = 0; replica < count; replica++) yield murmur3(node.id, replica);
}

export const ring: PlacementDefinition<RingOptions> = {
  name: 'ring',
  summary:
    'Consistent hashing with virtual nodes by weight: the owners are the nodes that follow the partition on a ring.',
  source: 'D. Karger et al. (1997); G. DeCandia et al., "Dynamo" (2007), for virtual nodes and the preference list.',
  complexity: 'Look-up O(replicas) expected; memory O(p), build O(p log p) for p = nodes × virtualNodes.',
  weakness:
    'Shares differ by about 1 / √virtualNodes; a zone’s first node after a long run of other zones gets more than its share.',
  options,
  create: (nodes, chosen) => new RingPlacement(nodes, chosen),
};
