import { z } from 'zod';
import { evacuate } from './evacuate.ts';
import { holdMs } from './hold-option.ts';
import { Layout, type LayoutNode, type Step } from './layout.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from './rebalancer.ts';

const options = z.strictObject({
  churn: z
    .number()
    .gt(0)
    .max(1)
    .default(0.09)
    .describe('Share of all replicas that may be on the move at once: the budget of key churn.'),
  leastGain: z
    .number()
    .min(0)
    .default(0.005)
    .describe('A move that lowers the fuller of its two nodes by less, in units of the mean, is not worth a copy.'),
  holdMs,
});

type Options = z.output<typeof options>;

class WeightedMove implements Rebalancer {
  readonly #options: Options;

  constructor(given: Options) {
    this.#options = given;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const layout = new Layout(view, this.#options.holdMs);
    evacuate(layout);
    const total = layout.nodes.reduce((sum, { bytes }) => sum + bytes, 0);
    const replicas = layout.partitions.reduce((sum, { owners }) => sum + owners.length, 0);
    const underWay = view.partitions.reduce((sum, { joining }) => sum + joining.length, 0);
    const loadOf = (node: LayoutNode, more = 0) => (node.bytes + more) / (node.share * total);
    let budget = Math.floor(this.#options.churn * replicas) - underWay;
    for (; budget > 0; budget--) {
      const hottest = fullest(layout.members(), loadOf);
      const step = hottest === undefined ? undefined : this.#best(layout, hottest, loadOf);
      if (step === undefined) break;
      layout.plan(step, `the best relief for ${step.from.id}, the fullest node`);
    }
    return layout.moves;
  }

  /** Every move churns as many keys as any other, so the one with the greatest benefit has the greatest weight. */
  #best(layout: Layout, from: LayoutNode, loadOf: (node: LayoutNode, more?: number) => number): Step | undefined {
    const before = loadOf(from);
    let best: Step | undefined;
    let most = this.#options.leastGain;
    for (const partition of layout.openOn(from)) {
      for (const to of layout.nodes) {
        if (!to.accepts) continue;
        const after = Math.max(loadOf(from, -partition.bytes), loadOf(to, partition.bytes));
        const step = { partition, from, to };
        if (before - after <= most || !layout.allows(step)) continue;
        most = before - after;
        best = step;
      }
    }
    return best;
  }
}

function fullest(nodes: readonly LayoutNode[], loadOf: (node: LayoutNode) => number): LayoutNode | undefined {
  let found: LayoutNode | undefined;
  for (const node of nodes) {
    if (node.share > 0 && (found === undefined || loadOf(node) > loadOf(found))) found = node;
  }
  return found;
}

/**
 * The move phase of Slicer's weighted-move: of all moves off the fullest node the one that relieves its two nodes most for the
 * keys it churns, again and again until a budget of churn is spent. Load is bytes.
 *
 * Merge and split are left out: the number of partitions is fixed, and each is the same share of the key space. So is the
 * change of redundancy for hot slices: each partition has N replicas. Slicer moves no data and takes any gain; here
 * each move is a copy and has to be worth it.
 */
export const weightedMove: RebalancerDefinition<unknown> = {
  name: 'weighted-move',
  summary: 'Relieves the fullest node by the move with the most gain for its churn, until a budget of churn is spent.',
  source: 'Slicer (Adya et al., OSDI 2016), section 4.4.1, without its merge and split',
  complexity: 'O(moves × partitions of a node × nodes) a plan',
  weakness: 'Sees only the fullest node: if zones or sizes leave that one no move, the others stay as they are.',
  options,
  create(_context, given): Rebalancer {
    return new WeightedMove(options.parse(given));
  },
};
