import { z } from 'zod';
import { evacuate } from './evacuate.ts';
import { holdMs } from './hold-option.ts';
import { Layout, type LayoutNode, type LayoutPartition, type Step } from './layout.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from './rebalancer.ts';

const share = (fallback: number) => z.number().gt(0).max(1).default(fallback);
const factor = (fallback: number) => z.number().min(0).default(fallback);

const options = z
  .strictObject({
    low: share(0.85).describe('Fullness beyond which a node is given nothing.'),
    high: share(0.9).describe('Fullness beyond which partitions are moved off a node.'),
    shardFactor: factor(0.45).describe('Weight of the number of replicas on a node.'),
    indexFactor: factor(0.55).describe('Weight of the number of replicas of one index on a node; there is one index.'),
    diskFactor: factor(2e-11).describe('Weight of each byte on a node.'),
    threshold: z
      .number()
      .min(1)
      .default(1)
      .describe('Nodes whose weights differ by less are even; 1 is one replica where bytes have no weight.'),
    holdMs,
  })
  .refine(({ low, high }) => low <= high, { path: ['low'], message: 'at most high' })
  .refine(({ shardFactor, indexFactor, diskFactor }) => shardFactor + indexFactor + diskFactor > 0, {
    path: ['shardFactor'],
    message: 'factors that are not all 0',
  });

type Options = z.output<typeof options>;

/** Weights that are so close to the threshold count as at it, and at it as even. */
const rounding = 0.001;

class Watermarks implements Rebalancer {
  readonly #options: Options;

  constructor(given: Options) {
    this.#options = given;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const layout = new Layout(view, this.#options.holdMs);
    evacuate(layout);
    const members = layout.members();
    const weigh = this.#weigher(members);
    this.#clearFull(layout, members, weigh);
    this.#balance(layout, members, weigh);
    return layout.moves;
  }

  /** Weights of nodes, in replicas more than the mean where bytes have no weight. */
  #weigher(members: readonly LayoutNode[]): (node: LayoutNode) => number {
    const { shardFactor, indexFactor, diskFactor } = this.#options;
    const sum = shardFactor + indexFactor + diskFactor;
    const replicas = members.reduce((total, node) => total + node.replicas, 0) / members.length;
    const bytes = members.reduce((total, node) => total + node.bytes, 0) / members.length;
    return (node) =>
      ((shardFactor + indexFactor) / sum) * (node.replicas - replicas) + (diskFactor / sum) * (node.bytes - bytes);
  }

  /** What is over the high watermark moves to the lightest node that takes it. */
  #clearFull(layout: Layout, members: readonly LayoutNode[], weigh: (node: LayoutNode) => number): void {
    for (const from of members) {
      for (const partition of layout.openOn(from)) {
        if (from.bytes <= this.#options.high * from.capacityBytes) break;
        const takers = members.filter((to) => to !== from && this.#mayTake(layout, { partition, from, to }));
        const to = lightest(takers, weigh);
        if (to !== undefined) layout.plan({ partition, from, to }, `${from.id} is over the high watermark`);
      }
    }
  }

  /** From the heaviest node to the lightest; where none of its partitions may go there, through a shrinking window of nodes. */
  #balance(layout: Layout, members: readonly LayoutNode[], weigh: (node: LayoutNode) => number): void {
    const byWeight = () => [...members].sort((a, b) => weigh(a) - weigh(b) || members.indexOf(a) - members.indexOf(b));
    const threshold = this.#options.threshold + rounding;
    let nodes = byWeight();
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const [to, from] = [nodes[low], nodes[high]];
      if (from === undefined || to === undefined) return;
      const delta = weigh(from) - weigh(to);
      const next = nodes[high - 1];
      const [least] = nodes;
      const others = low > 0 && next !== undefined && least !== undefined;
      if (delta <= threshold && !(others && weigh(next) - weigh(least) > threshold)) return;
      const partition = delta > threshold ? this.#choose(layout, from, to, weigh) : undefined;
      if (partition !== undefined) {
        layout.plan({ partition, from, to }, `${from.id} weighs ${delta.toFixed(2)} more than ${to.id}`);
        nodes = byWeight();
        low = 0;
        high = nodes.length - 1;
      } else if (low < high - 1 && delta > threshold) low += 1;
      else {
        low = 0;
        high -= 1;
      }
    }
  }

  /** The partition that brings the two nodes closest together. */
  #choose(
    layout: Layout,
    from: LayoutNode,
    to: LayoutNode,
    weigh: (node: LayoutNode) => number,
  ): LayoutPartition | undefined {
    const { shardFactor, indexFactor, diskFactor } = this.#options;
    const sum = shardFactor + indexFactor + diskFactor;
    const delta = weigh(from) - weigh(to);
    let best: LayoutPartition | undefined;
    let least = delta - rounding;
    for (const partition of layout.openOn(from)) {
      const weight = (shardFactor + indexFactor + diskFactor * partition.bytes) / sum;
      const after = Math.abs(delta - 2 * weight);
      if (after >= least || !this.#mayTake(layout, { partition, from, to })) continue;
      least = after;
      best = partition;
    }
    return best;
  }

  #mayTake(layout: Layout, step: Step): boolean {
    const { to, partition } = step;
    // What its disk still holds of partitions that have left counts against it; what is planned for it counts too.
    const used = Math.max(to.usedBytes, to.bytes) + partition.bytes;
    return used <= this.#options.low * to.capacityBytes && layout.allows(step);
  }
}

function lightest(nodes: readonly LayoutNode[], weigh: (node: LayoutNode) => number): LayoutNode | undefined {
  let found: LayoutNode | undefined;
  for (const node of nodes) if (found === undefined || weigh(node) < weigh(found)) found = node;
  return found;
}

/**
 * Keeps disks between watermarks and evens out the number of partitions: what is over the high watermark moves away, nothing goes
 * where it would pass the low one, and then the heaviest node gives to the lightest.
 *
 * The third watermark, flood stage, at which writes are refused, is the data nodes' own here (`capacity.readOnly` of the metadata
 * service). Weights for write load are left out, for the view has none.
 */
export const watermarks: RebalancerDefinition<unknown> = {
  name: 'watermarks',
  summary: 'Moves partitions off disks over a high watermark, to none over a low one, and evens out their number.',
  source: 'Elasticsearch: DiskThresholdDecider and BalancedShardsAllocator (8.6 and later, without write load)',
  complexity: 'O(moves × nodes × partitions) a plan',
  weakness: 'Every node counts alike: it knows no weights, and bytes hardly count below the watermarks.',
  options,
  create(_context, given): Rebalancer {
    return new Watermarks(options.parse(given));
  },
};
