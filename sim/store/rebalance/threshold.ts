import { z } from 'zod';
import { evacuate } from './evacuate.ts';
import { holdMs } from './hold-option.ts';
import { Layout, type LayoutNode } from './layout.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from './rebalancer.ts';

const options = z.strictObject({
  thresholdPercent: z
    .number()
    .gt(0)
    .max(100)
    .default(10)
    .describe("How far a node's utilisation may be from the mean, in percentage points of capacity."),
  maxBytesPerNode: z
    .number()
    .positive()
    .default(10 * 1024 * 1024 * 1024)
    .describe('Most bytes that one node gives or takes in one plan.'),
  holdMs,
});

type Options = z.output<typeof options>;

/** A node and how many bytes it may still give or take in this iteration. */
interface Party {
  readonly node: LayoutNode;
  left: number;
}

type Matcher = (a: LayoutNode, b: LayoutNode) => boolean;

const matchers: readonly Matcher[] = [(a, b) => a.zone === b.zone && a.rack === b.rack, () => true];

/** Each plan is one iteration of the balancer: pair nodes off, then fill each pair's allowance with partitions. */
class Threshold implements Rebalancer {
  readonly #options: Options;

  constructor(given: Options) {
    this.#options = given;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const layout = new Layout(view, this.#options.holdMs);
    evacuate(layout);
    const alive = layout.nodes.filter((node) => node.belongs && node.accepts && node.capacityBytes > 0);
    const capacity = alive.reduce((sum, node) => sum + node.capacityBytes, 0);
    const mean = (100 * alive.reduce((sum, node) => sum + node.bytes, 0)) / capacity;
    const over: Party[] = [];
    const above: Party[] = [];
    const below: Party[] = [];
    const under: Party[] = [];
    for (const node of alive) {
      const difference = (100 * node.bytes) / node.capacityBytes - mean;
      const far = Math.abs(difference) > this.#options.thresholdPercent;
      const party = { node, left: this.#allowance(node, difference) };
      if (difference > 0) (far ? over : above).push(party);
      else (far ? under : below).push(party);
    }
    if (over.length + under.length === 0) return layout.moves;
    for (const matches of matchers) {
      for (const giver of over) for (const taker of under) this.#exchange(layout, giver, taker, matches);
      for (const giver of over) for (const taker of below) this.#exchange(layout, giver, taker, matches);
      for (const taker of under) for (const giver of above) this.#exchange(layout, giver, taker, matches);
    }
    return layout.moves;
  }

  #allowance(node: LayoutNode, difference: number): number {
    const { thresholdPercent, maxBytesPerNode } = this.#options;
    const bytes = (Math.min(thresholdPercent, Math.abs(difference)) * node.capacityBytes) / 100;
    const room = difference < 0 ? node.capacityBytes - Math.max(node.bytes, node.usedBytes) : bytes;
    return Math.min(maxBytesPerNode, room, bytes);
  }

  #exchange(layout: Layout, giver: Party, taker: Party, matches: Matcher): void {
    let allowance = Math.min(giver.left, taker.left);
    if (allowance <= 0 || !matches(giver.node, taker.node)) return;
    const { node: from } = giver;
    const { node: to } = taker;
    const why = `${from.id} is fuller than the mean, ${to.id} is emptier`;
    for (const partition of layout.openOn(from)) {
      const step = { partition, from, to };
      if (partition.bytes === 0 || partition.bytes > allowance || !layout.allows(step)) continue;
      layout.plan(step, why);
      allowance -= partition.bytes;
      giver.left -= partition.bytes;
      taker.left -= partition.bytes;
    }
  }
}

/**
 * Moves data from nodes that are fuller than the mean by more than a threshold to emptier ones, and to nodes that are emptier by
 * more than that from fuller ones; nodes of one rack with each other first.
 *
 * Nodes are taken in the order of ids, where HDFS takes them by chance. A block may exceed a pair's allowance there; a
 * partition, which is far larger, must fit into it, so that nobody ends on the other side of the mean. An allowance that a pair
 * can't use remains for the next pair.
 */
export const threshold: RebalancerDefinition<unknown> = {
  name: 'threshold',
  summary: "Moves data until each node's utilisation is within a threshold of the mean, rack by rack first.",
  source: 'HDFS: org.apache.hadoop.hdfs.server.balancer.Balancer, dfs.balancer.max-size-to-move',
  complexity: 'O(nodes² × partitions) a plan',
  weakness:
    'The threshold is in points of capacity: a cluster that is nearly empty counts as balanced. Knows capacity, not weight.',
  options,
  create(_context, given): Rebalancer {
    return new Threshold(options.parse(given));
  },
};
