import { z } from 'zod';
import { evacuate } from './evacuate.ts';
import { holdMs } from './hold-option.ts';
import { Layout, type LayoutNode, type LayoutPartition, type Step } from './layout.ts';
import type { PlannedMove, Rebalancer, RebalancerDefinition, RebalanceView } from './rebalancer.ts';

const options = z.strictObject({
  maxDeviation: z
    .number()
    .min(1)
    .default(5)
    .describe('How many replicas a node may have more or fewer than its weight stands for.'),
  maxChanges: z.int().min(1).default(10).describe('Most exceptions made or undone in one plan.'),
  retries: z
    .int()
    .min(1)
    .default(100)
    .describe('Changes that would not help, after which a plan looks no further from the full end, or the empty one.'),
  holdMs,
});

type Options = z.output<typeof options>;

/** How far each member is from the number of replicas that its weight stands for. */
class Deviations {
  readonly #members: readonly LayoutNode[];
  readonly #perWeight: number;

  constructor(layout: Layout) {
    this.#members = layout.members();
    const sum = (of: (node: LayoutNode) => number) => this.#members.reduce((total, node) => total + of(node), 0);
    this.#perWeight = sum(({ replicas }) => replicas) / sum(({ weight }) => weight);
  }

  of(node: LayoutNode): number {
    return node.replicas - node.weight * this.#perWeight;
  }

  /** From the emptiest to the fullest. */
  ordered(): LayoutNode[] {
    const at = new Map(this.#members.map((node, index) => [node, index]));
    return [...this.#members].sort((a, b) => this.of(a) - this.of(b) || (at.get(a) ?? 0) - (at.get(b) ?? 0));
  }

  largest(): number {
    return this.#members.reduce((most, node) => Math.max(most, Math.abs(this.of(node))), 0);
  }

  /** Whether the move makes the standard deviation smaller. */
  helps({ from, to }: Step): boolean {
    return this.of(from) - this.of(to) > 1;
  }
}

/** Nodes by how full they are; the emptier first. */
interface Ranks {
  readonly overfull: readonly LayoutNode[];
  readonly underfull: readonly LayoutNode[];
  readonly moreUnderfull: readonly LayoutNode[];
}

class GreedyExceptions implements Rebalancer {
  readonly #options: Options;

  constructor(given: Options) {
    this.#options = given;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const layout = new Layout(view, this.#options.holdMs);
    evacuate(layout);
    const deviations = new Deviations(layout);
    if (deviations.largest() <= this.#options.maxDeviation) return layout.moves;
    for (let changes = 0; changes < this.#options.maxChanges; changes++) {
      const ranks = this.#rank(deviations);
      if (ranks === undefined) break;
      const step =
        this.#first(fromOverfull(layout, ranks), layout, deviations) ??
        this.#first(backToUnderfull(layout, ranks), layout, deviations);
      if (step === undefined) break;
      const undone = step.partition.target.includes(step.to.id);
      layout.plan(step, `${undone ? 'undoes' : 'makes'} an exception: ${step.from.id} is too full for ${step.to.id}`);
    }
    return layout.moves;
  }

  /** As far as the limit is too full, but only further than it too empty: what osdmaptool's outcomes show. */
  #rank(deviations: Deviations): Ranks | undefined {
    const limit = this.#options.maxDeviation;
    const nodes = deviations.ordered();
    const beyond = nodes.filter((node) => deviations.of(node) >= limit);
    const underfull = nodes.filter((node) => deviations.of(node) < -limit);
    if (beyond.length + underfull.length === 0) return undefined;
    const moreUnderfull = nodes.filter((node) => deviations.of(node) < 0 && !underfull.includes(node));
    const overfull = beyond.length > 0 ? beyond : nodes.filter((node) => deviations.of(node) > 0);
    return { overfull: overfull.reverse(), underfull, moreUnderfull };
  }

  #first(candidates: Iterable<Step>, layout: Layout, deviations: Deviations): Step | undefined {
    let retries = this.#options.retries;
    for (const step of candidates) {
      if (!layout.allows(step)) continue;
      if (deviations.helps(step)) return step;
      retries -= 1;
      if (retries === 0) return undefined;
    }
    return undefined;
  }
}

/** From the fullest on: exceptions that can be undone, then new ones. */
function* fromOverfull(layout: Layout, ranks: Ranks): Generator<Step> {
  for (const from of ranks.overfull) {
    const partitions = layout.openOn(from);
    for (const partition of partitions) {
      if (partition.target.includes(from.id)) continue;
      for (const to of missingTargets(layout, partition)) yield { partition, from, to };
    }
    for (const partition of partitions) {
      const to = replacement(layout, partition, from, ranks);
      if (to !== undefined) yield { partition, from, to };
    }
  }
}

/** From the emptiest on: exceptions that took something from it and can be undone. */
function* backToUnderfull(layout: Layout, { underfull }: Ranks): Generator<Step> {
  for (const to of underfull) {
    for (const partition of layout.partitions) {
      if (!partition.target.includes(to.id) || partition.owners.includes(to)) continue;
      for (const from of partition.owners) if (!partition.target.includes(from.id)) yield { partition, from, to };
    }
  }
}

function missingTargets(layout: Layout, partition: LayoutPartition): LayoutNode[] {
  return layout.nodes.filter((node) => partition.target.includes(node.id) && !partition.owners.includes(node));
}

/**
 * Who takes the place of an overfull owner: the emptiest of its own zone; if no node of that is underfull, the emptiest of
 * another zone that the partition does not stand in.
 */
function replacement(
  layout: Layout,
  partition: LayoutPartition,
  from: LayoutNode,
  { underfull, moreUnderfull }: Ranks,
): LayoutNode | undefined {
  const allowed = (to: LayoutNode) => layout.allows({ partition, from, to });
  const zones = new Set(partition.owners.map(({ zone }) => zone));
  const within = (to: LayoutNode) => to.zone === from.zone && allowed(to);
  return (
    underfull.find(within) ?? underfull.find((to) => !zones.has(to.zone) && allowed(to)) ?? moreUnderfull.find(within)
  );
}

/**
 * Ceph's upmap balancer: exceptions to what placement computes, made one by one, each from the fullest node that has any to
 * spare to the emptiest in the same failure domain, and only if the standard deviation of replicas a node falls by it.
 * Exceptions that have become needless are undone first. A replica outside the placement's target is an exception.
 *
 * Ceph shuffles the partitions of a full node; here they come in the order of numbers. It may change several replicas of
 * one partition in a round; here the second waits for the next plan. Its placement keeps
 * moving by itself when nodes join, while here a new node is filled as far as the deviation demands.
 */
export const greedyExceptions: RebalancerDefinition<unknown> = {
  name: 'greedy-exceptions',
  summary: 'Moves single replicas off the fullest nodes until none has more than a few too many or too few.',
  source: 'Ceph: OSDMap::calc_pg_upmaps with upmap_max_deviation 5, CrushWrapper::try_remap_rule (16.2)',
  complexity: 'O(changes × nodes × partitions × replication) a plan',
  weakness:
    'Counts replicas: large partitions weigh as much as small ones, and one too many is as bad for a light node as for a heavy one.',
  options,
  create(_context, given): Rebalancer {
    return new GreedyExceptions(options.parse(given));
  },
};
