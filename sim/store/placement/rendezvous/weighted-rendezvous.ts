import { z } from 'zod';
import { murmur3, murmur3Word } from '../../hash.ts';
import { compareIds } from '../hash-ring.ts';
import type { Placement, PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { Spread } from '../spread.ts';
import { CheapestFirst } from './cheapest-first.ts';

const options = z.strictObject({});

/** Options of the placement `weighted-rendezvous`: none. */
export type WeightedRendezvousOptions = z.infer<typeof options>;

/**
 * Every node draws a deterministic u in (0, 1) for the partition and scores −w / ln u; the highest scores own it.
 * The least −ln u / w is the same node: an exponential draw of rate w, so each node comes first with the
 * probability of its share of the weight.
 */
class WeightedRendezvous implements Placement {
  readonly #weights: Float64Array;
  /** Two hashes of each id, so that no two nodes draw alike. */
  readonly #highSeeds: Uint32Array;
  readonly #lowSeeds: Uint32Array;
  readonly #spread: Spread;
  readonly #order: CheapestFirst;

  constructor(nodes: readonly PlacementNode[]) {
    const ordered = [...nodes].sort(compareIds);
    this.#weights = Float64Array.from(ordered, ({ weight }) => weight);
    this.#highSeeds = Uint32Array.from(ordered, ({ id }) => murmur3(id, 0));
    this.#lowSeeds = Uint32Array.from(ordered, ({ id }) => murmur3(id, 1));
    this.#spread = new Spread(ordered);
    this.#order = new CheapestFirst(ordered.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    const { costs } = this.#order;
    for (let node = 0; node < costs.length; node++) costs[node] = this.#cost(partition, node);
    this.#order.start();
    return this.#spread.pick(this.#order, count);
  }

  #cost(partition: number, node: number): number {
    const high = murmur3Word(partition, this.#highSeeds[node] ?? 0);
    const low = murmur3Word(partition, this.#lowSeeds[node] ?? 0);
    // 52 random bits in the middle of their interval: never 0 nor 1.
    const u = (high * 0x100000 + (low >>> 12) + 0.5) / 0x10000000000000;
    return -Math.log(u) / (this.#weights[node] ?? 0);
  }
}

export const weightedRendezvous: PlacementDefinition<WeightedRendezvousOptions> = {
  name: 'weighted-rendezvous',
  summary: 'Highest random weight: every node scores the partition by hash and weight, and the highest scores own it.',
  source:
    'D. Thaler, C. Ravishankar (1998); weights by C. Schindelhauer, G. Schomaker, "Weighted distributed hash tables" (2005). The hash is MurmurHash3.',
  complexity: 'Look-up O(nodes); memory O(nodes).',
  weakness:
    'A look-up asks every node, which is slow for thousands of them; shares still differ as chance does, by 1 / √partitions.',
  options,
  create: (nodes) => new WeightedRendezvous(nodes),
};
