import { z } from 'zod';
import { evacuate } from '../evacuate.ts';
import { holdMs } from '../hold-option.ts';
import { Layout, type LayoutNode } from '../layout.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from '../rebalancer.ts';
import type { Goal } from './goal.ts';
import { WithinLimits } from './within-limits.ts';
import { ZonesApart } from './zones-apart.ts';

const options = z.strictObject({
  maxReplicasPerNode: z.int().min(1).default(10_000).describe('Hard: most replicas on one node.'),
  diskCapacity: z.number().gt(0).max(1).default(0.8).describe('Hard: most of a disk that may be used.'),
  replicaBalance: z
    .number()
    .min(1)
    .default(1.1)
    .describe('Soft: how far the number of replicas on a node may be from the mean, as a factor.'),
  diskBalance: z
    .number()
    .min(1)
    .default(1.1)
    .describe("Soft: how far a disk's utilisation may be from the mean, as a factor."),
  holdMs,
});

type Options = z.output<typeof options>;

/** A plan aims at so much of the allowed distance, so that what comes next does not trigger another at once. */
const balanceMargin = 0.9;

class Goals implements Rebalancer {
  readonly #options: Options;

  constructor(given: Options) {
    this.#options = given;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const layout = new Layout(view, this.#options.holdMs);
    evacuate(layout);
    const kept: Goal[] = [];
    for (const goal of this.#inOrder(layout)) {
      goal.optimise(layout, (step) => kept.every((earlier) => earlier.accepts(step)));
      kept.push(goal);
    }
    return layout.moves;
  }

  #inOrder(layout: Layout): readonly Goal[] {
    const { maxReplicasPerNode, diskCapacity, replicaBalance, diskBalance } = this.#options;
    const members = layout.members();
    const sum = (of: (node: LayoutNode) => number) => members.reduce((total, node) => total + of(node), 0);
    const replicas = sum((node) => node.replicas) / members.length;
    const utilisation = sum((node) => node.bytes) / sum((node) => node.capacityBytes);
    const [replicaMargin, diskMargin] = [balanceMargin * (replicaBalance - 1), balanceMargin * (diskBalance - 1)];
    const count = { of: (node: LayoutNode) => node.replicas, ofOne: () => 1, scale: () => 1 };
    const bytes = {
      of: (node: LayoutNode) => node.bytes,
      ofOne: ({ bytes: size }: { readonly bytes: number }) => size,
      scale: (node: LayoutNode) => node.capacityBytes,
    };
    const distance = (margin: number) => [Math.max(0, 1 - margin), 1 + margin] as const;
    const [fewer, more] = distance(replicaMargin);
    const [emptier, fuller] = distance(diskMargin);
    return [
      new ZonesApart(),
      new WithinLimits({ ...count, name: 'replica capacity', lower: () => 0, upper: () => maxReplicasPerNode }),
      new WithinLimits({
        ...bytes,
        name: 'disk capacity',
        lower: () => 0,
        upper: ({ capacityBytes }) => diskCapacity * capacityBytes,
      }),
      new WithinLimits({
        ...count,
        name: 'replica distribution',
        lower: () => Math.floor(replicas * fewer),
        upper: () => Math.ceil(replicas * more),
      }),
      new WithinLimits({
        ...bytes,
        name: 'disk usage distribution',
        lower: ({ capacityBytes }) => utilisation * emptier * capacityBytes,
        upper: ({ capacityBytes }) => utilisation * fuller * capacityBytes,
      }),
    ];
  }
}

/**
 * Goals in order of priority, each optimised greedily by moves that all goals before it accept: hard ones (zones apart, replicas
 * and disk within capacity), then soft ones (replicas, then disk usage, near the mean).
 *
 * Of Cruise Control's goals those for which the view has figures. Left out: its goals for network, CPU, leaders and topics, and
 * the swaps that a goal tries where no single move helps; a hard goal that can't be met leaves its nodes as they are
 * instead of failing the plan, for the leader checks capacity itself.
 */
export const goals: RebalancerDefinition<unknown> = {
  name: 'goals',
  summary: 'Meets goals in order of priority, hard ones first; none may undo what an earlier one has reached.',
  source:
    'Cruise Control for Kafka: RackAware-, ReplicaCapacity-, DiskCapacity-, ReplicaDistribution-, DiskUsageDistributionGoal',
  complexity: 'O(moves × nodes log nodes + nodes² × partitions) a plan',
  weakness:
    'Greedy, without swaps: it stops where no single move helps. Counts replicas before bytes, and knows no weights.',
  options,
  create(_context, given): Rebalancer {
    return new Goals(options.parse(given));
  },
};
