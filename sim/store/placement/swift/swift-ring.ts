import { z } from 'zod';
import { murmur3, murmur3Word } from '../../hash.ts';
import type { EvolvingPlacement } from '../evolving.ts';
import { compareIds } from '../hash-ring.ts';
import type { PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { PreferredFirst } from '../tables/preferred-first.ts';
import { type Ring, rebalance } from './ring-builder.ts';

const options = z.strictObject({
  partPower: z
    .int()
    .min(0)
    .max(20)
    .default(12)
    .describe('The ring has 2^partPower rows, best the store’s partitions; partition p has row p modulo that.'),
  replicas: z
    .int()
    .min(1)
    .max(16)
    .default(3)
    .describe('Replicas that the ring names, best the store’s; any beyond them are drawn by hash and weight.'),
  overload: z
    .number()
    .min(0)
    .default(100)
    .describe(
      'By how much a node may be over its weight’s share where that keeps replicas apart. Swift’s own default is 0; the store keeps replicas apart in any case, so the ring had better know.',
    ),
  rebalances: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('Most rebalances after a change of members, each moving at most one replica of a partition.'),
  seed: z.int().default(0).describe('Of the chances that tell equals apart.'),
});

/** Options of the placement `swift-ring`. */
export type SwiftRingOptions = z.infer<typeof options>;

/**
 * Which replica is preferred goes by hash, as Swift’s proxy shuffles them: the builder fills the heaviest devices first, so its first row has
 * far more than their share of it.
 */
const turnSeed = murmur3('turn');

class SwiftRing implements EvolvingPlacement {
  readonly #options: SwiftRingOptions;
  readonly #ring: Ring;
  readonly #picker: PreferredFirst;
  readonly #preferred: Int32Array;

  constructor(nodes: readonly PlacementNode[], chosen: SwiftRingOptions, before?: Ring) {
    const ordered = [...nodes].sort(compareIds);
    const replicas = Math.min(chosen.replicas, ordered.length);
    const ringOptions = { ...chosen, replicas, minPartHours: 0 };
    let ring = rebalance(ordered, ringOptions, before);
    for (let more = 1; more < chosen.rebalances && ring.changedParts > 0; more++) {
      ring = rebalance(ordered, ringOptions, ring);
    }
    this.#options = chosen;
    this.#ring = ring;
    this.#picker = new PreferredFirst(ordered);
    this.#preferred = new Int32Array(replicas);
  }

  replicas(partition: number, count: number): ReplicaSet {
    const { rows, parts } = this.#ring.state;
    const first = murmur3Word(partition, turnSeed) % rows.length;
    for (let row = 0; row < rows.length; row++) {
      this.#preferred[row] = rows[(first + row) % rows.length]?.[partition % parts] ?? -1;
    }
    return this.#picker.pick(partition, this.#preferred, count);
  }

  evolve(nodes: readonly PlacementNode[]): SwiftRing {
    return new SwiftRing(nodes, this.#options, this.#ring);
  }
}

export const swiftRing: PlacementDefinition<SwiftRingOptions> = {
  name: 'swift-ring',
  summary:
    'A table built by a plan of how many replicas each zone, rack, host and node should hold, and rebuilt with few moves.',
  source:
    'OpenStack Swift’s ring builder (d57c078e); its regions, zones, servers and devices are zones, racks, hosts and nodes here. Each change of members counts as made after min_part_hours.',
  complexity:
    'Look-up O(replicas); memory O(2^partPower × replicas), build O(2^partPower × replicas × (zones + racks + hosts + nodes of one)).',
  weakness:
    'The ring must be kept and agreed on. Built anew for other nodes it moves nearly everything; evolved it moves little, but each rebalance only one replica of a partition.',
  options,
  create: (nodes, chosen) => new SwiftRing(nodes, chosen),
};
