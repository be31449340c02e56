import { z } from 'zod';
import { murmur3, murmur3Word } from '../hash.ts';
import { compareIds } from './hash-ring.ts';
import type { Placement, PlacementDefinition, PlacementNode, ReplicaSet } from './placement.ts';
import { type Candidates, Spread } from './spread.ts';

const options = z.strictObject({});

/** Options of the placement `weighted-rendezvous`: none. */
export type WeightedRendezvousOptions = z.infer<typeof options>;

/**
 * Every node draws a deterministic u in (0, 1) for the partition and scores −w / ln u; the highest scores own it.
 * The least −ln u / w is the same node: an exponential draw of rate w, so each node comes first with the
 * probability of its share of the weight.
 */
class WeightedRendezvous implements Placement, Candidates {
  readonly #weights: Float64Array;
  /** Two hashes of each id, so that no two nodes draw alike. */
  readonly #highSeeds: Uint32Array;
  readonly #lowSeeds: Uint32Array;
  readonly #spread: Spread;
  readonly #costs: Float64Array;
  /** Binary heap of nodes, the least cost on top. */
  readonly #heap: Int32Array;
  #heapSize = 0;

  constructor(nodes: readonly PlacementNode[]) {
    const ordered = [...nodes].sort(compareIds);
    this.#weights = Float64Array.from(ordered, ({ weight }) => weight);
    this.#highSeeds = Uint32Array.from(ordered, ({ id }) => murmur3(id, 0));
    this.#lowSeeds = Uint32Array.from(ordered, ({ id }) => murmur3(id, 1));
    this.#spread = new Spread(ordered);
    this.#costs = new Float64Array(ordered.length);
    this.#heap = new Int32Array(ordered.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    const size = this.#heap.length;
    for (let node = 0; node < size; node++) {
      this.#costs[node] = this.#cost(partition, node);
      this.#heap[node] = node;
    }
    this.#heapSize = size;
    for (let at = (size >> 1) - 1; at >= 0; at--) this.#sink(at);
    return this.#spread.pick(this, count);
  }

  next(): number {
    if (this.#heapSize === 0) return -1;
    const top = this.#heap[0] ?? -1;
    this.#heap[0] = this.#heap[--this.#heapSize] ?? -1;
    this.#sink(0);
    return top;
  }

  #cost(partition: number, node: number): number {
    const high = murmur3Word(partition, this.#highSeeds[node] ?? 0);
    const low = murmur3Word(partition, this.#lowSeeds[node] ?? 0);
    // 52 random bits in the middle of their interval: never 0 nor 1.
    const u = (high * 0x100000 + (low >>> 12) + 0.5) / 0x10000000000000;
    return -Math.log(u) / (this.#weights[node] ?? 0);
  }

  #sink(from: number): void {
    const node = this.#heap[from] ?? -1;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#heapSize) break;
      if (child + 1 < this.#heapSize && this.#isBefore(this.#heap[child + 1] ?? -1, this.#heap[child] ?? -1)) child++;
      const below = this.#heap[child] ?? -1;
      if (!this.#isBefore(below, node)) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = node;
  }

  #isBefore(a: number, b: number): boolean {
    const costA = this.#costs[a] ?? 0;
    const costB = this.#costs[b] ?? 0;
    return costA < costB || (costA === costB && a < b);
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
