import { z } from 'zod';
import type { NodeId } from '../../host.ts';
import type { MoveCause } from '../model.ts';
import type {
  PlannedMove,
  RebalanceNode,
  RebalancePartition,
  Rebalancer,
  RebalancerDefinition,
  RebalanceView,
} from './rebalancer.ts';

const options = z.strictObject({
  holdMs: z
    .number()
    .min(0)
    .default(10_000)
    .describe('A partition that moved less than this ago is left alone, unless a draining node owns it.'),
});

/**
 * Moves each partition towards the owners that placement computes for the present members, one replica at a time.
 * Only replicas outside the target move, so as many bytes move as the placement's own disruption demands.
 */
class PlacementTarget implements Rebalancer {
  readonly #holdMs: number;

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  plan(view: RebalanceView): readonly PlannedMove[] {
    const nodes = new Map(view.nodes.map((node) => [node.id, node]));
    const drains: PlannedMove[] = [];
    const others: PlannedMove[] = [];
    for (const partition of view.partitions) {
      const move = this.#moveIn(partition, nodes);
      if (move?.cause === 'drain') drains.push(move);
      else if (move !== undefined) others.push(move);
    }
    return [...drains, ...others];
  }

  #moveIn(partition: RebalancePartition, nodes: ReadonlyMap<NodeId, RebalanceNode>): PlannedMove | undefined {
    const { number, replicas, joining, target, movedMs } = partition;
    if (joining.length > 0 || target.length === 0) return undefined;
    const spare = replicas.filter((id) => !target.includes(id));
    const draining = spare.filter((id) => nodes.get(id)?.membership === 'draining');
    const wanted = target.filter((id) => !replicas.includes(id) && nodes.get(id)?.accepts === true);
    let best: { readonly from: NodeId; readonly to: NodeId; readonly zones: number } | undefined;
    for (const from of draining.length > 0 ? draining : spare) {
      for (const to of wanted) {
        const zones = new Set(replicas.map((id) => nodes.get(id === from ? to : id)?.zone)).size;
        if (best === undefined || zones > best.zones) best = { from, to, zones };
      }
    }
    if (best === undefined) return undefined;
    const { from, to } = best;
    const cause = causeOf(nodes.get(from), nodes.get(to));
    const notBeforeMs = cause === 'drain' ? undefined : movedMs + this.#holdMs;
    const why = `placement gives partition ${number} to ${target.join(', ')}`;
    return { partition: number, from, to, cause, notBeforeMs, why };
  }
}

function causeOf(from: RebalanceNode | undefined, to: RebalanceNode | undefined): MoveCause {
  if (from === undefined) return 'leave';
  if (from.membership === 'draining') return 'drain';
  return to?.membership === 'joining' ? 'join' : 'load';
}

/** Moves partitions to where placement computes them. */
export const placementTarget: RebalancerDefinition<unknown> = {
  name: 'placement-target',
  summary:
    'Moves each partition, one replica at a time, to the owners that placement computes for the present members.',
  source: 'Ceph: CRUSH with backfill (Weil et al., 2006); Cassandra and Dynamo move ranges to their ring owners alike',
  complexity: 'O(partitions × replication²) a plan',
  weakness: 'Knows no load: it is as even as the placement is, and hot partitions stay where they are.',
  options,
  create(_context, given): Rebalancer {
    return new PlacementTarget(options.parse(given).holdMs);
  },
};
