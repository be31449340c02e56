import { z } from 'zod';
import { evacuate } from '../evacuate.ts';
import { holdMs } from '../hold-option.ts';
import { Layout, type LayoutNode, type Step } from '../layout.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from '../rebalancer.ts';
import { type Limits, relax } from './relaxation.ts';
import { roundUp, type WholeReplicas } from './rounding.ts';

const options = z.strictObject({
  tolerance: z
    .number()
    .min(0)
    .lt(1)
    .default(0.05)
    .describe('How far from its fair share a node may be, as a fraction of it, one partition aside.'),
  holdMs,
});

type Options = z.output<typeof options>;

const rounding = 1 + 1e-9;

class Optimal implements Rebalancer {
  readonly #options: Options;

  constructor(given: Options) {
    this.#options = given;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const layout = new Layout(view, this.#options.holdMs);
    const limits = this.#limits(layout);
    const missed = miss(layout, limits);
    if (missed === 0 && layout.partitions.every(({ owners }) => owners.every(({ belongs }) => belongs))) return [];
    const owners = roundUp(layout, relax(layout, limits).pieces);
    const steps = stepsTo(owners);
    const forGood = steps.filter(({ from }) => !from.belongs);
    for (const step of forGood) this.#take(layout, step);
    // What holds nothing costs nothing to move, and is no part of the flow.
    evacuate(layout);
    const kept = layout.moves.length;
    this.#takeWithoutRising(
      layout,
      steps.filter(({ from }) => from.belongs),
    );
    // Whole replicas may not come as close as pieces do: then moves for balance end here.
    return miss(layout, limits) < missed ? layout.moves : layout.moves.slice(0, kept);
  }

  #limits(layout: Layout): Limits {
    const { tolerance } = this.#options;
    const total = layout.nodes.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      lower: ({ share }) => (1 - tolerance) * share * total,
      upper: ({ share }) => (1 + tolerance) * share * total,
    };
  }

  #take(layout: Layout, step: Step): void {
    if (!layout.allowsEvacuation(step)) return;
    layout.plan(step, step.from.belongs ? 'of the fewest bytes that make all even' : `${step.from.id} is leaving`);
  }

  /** In an order in which nobody is ever fuller than the fullest was; what has no place in one is left for later. */
  #takeWithoutRising(layout: Layout, steps: readonly Step[]): void {
    const total = layout.nodes.reduce((sum, { bytes }) => sum + bytes, 0);
    const fullness = ({ bytes, share }: LayoutNode, more = 0) => (bytes + more) / (share * total);
    const most = layout.members().reduce((max, node) => Math.max(max, fullness(node)), 0) * rounding;
    let waiting = steps;
    for (let before = -1; before !== waiting.length; ) {
      before = waiting.length;
      waiting = waiting.filter((step) => {
        if (fullness(step.to, step.partition.bytes) > most || !layout.allows(step)) return step.partition.open;
        this.#take(layout, step);
        return false;
      });
    }
  }
}

/** How far members are outside their limits, not counting what one partition can make. */
function miss(layout: Layout, limits: Limits): number {
  const largest = layout.partitions.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  let missed = 0;
  for (const node of layout.members()) {
    missed += Math.max(0, node.bytes - limits.upper(node) * rounding - largest);
    if (node.accepts) missed += Math.max(0, limits.lower(node) / rounding - largest - node.bytes);
  }
  return missed;
}

/** One step for each replica that is not where it should be, within a zone as far as possible. */
function stepsTo(owners: WholeReplicas): Step[] {
  const steps: Step[] = [];
  for (const [partition, wanted] of owners) {
    const come = wanted.filter((node) => !partition.owners.includes(node));
    const go = partition.owners.filter((node) => !wanted.includes(node));
    go.sort((a, b) => Number(a.belongs) - Number(b.belongs));
    for (const from of go) {
      const near = come.findIndex(({ zone }) => zone === from.zone);
      const [to] = come.splice(Math.max(0, near), 1);
      if (to !== undefined) steps.push({ partition, from, to });
    }
  }
  return steps;
}

/**
 * The least bytes that bring every node within a tolerance of its fair share: exact for pieces of replicas, by min-cost flow, and
 * rounded to whole ones at no more bytes, off by one partition a node at most. The yardstick for all others.
 *
 * Each plan holds one move a partition; where two replicas of one must move, the second waits for the next plan.
 */
export const optimal: RebalancerDefinition<unknown> = {
  name: 'optimal',
  summary: 'Moves the fewest bytes that bring every node within a tolerance of its fair share, zones kept.',
  source: 'min-cost flow (Ahuja, Magnanti, Orlin, 1993) with the rounding of Shmoys and Tardos (1993)',
  complexity: 'O(moves × partitions × nodes × log) a plan, and memory for partitions × nodes',
  weakness: 'Slow: seconds for many thousands of partitions. Looks at one moment, so it is optimal only if that lasts.',
  options,
  create(_context, given): Rebalancer {
    return new Optimal(options.parse(given));
  },
};
