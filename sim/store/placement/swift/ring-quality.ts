import type { Ring } from './ring-builder.ts';
import { countTiers } from './ring-state.ts';

/**
 * How far the worst device is off its weight's share, in percent.
 *
 * Source: OpenStack Swift, `RingBuilder.get_balance`.
 */
export function ringBalance({ state, options }: Ring): number {
  const total = state.devices.reduce((sum, { node }) => sum + node.weight, 0);
  const perWeight = (state.parts * options.replicas) / total;
  return Math.max(...state.devices.map(({ node, parts }) => Math.abs((100 * parts) / (node.weight * perWeight) - 100)));
}

/**
 * How many replicas stand where even spreading would not have so many, in percent of all.
 *
 * Source: OpenStack Swift, `RingBuilder._build_dispersion_graph`.
 */
export function ringDispersion({ state, options }: Ring): number {
  const { tree, plan, parts } = state;
  const counts = new Int32Array(tree.tiers.length);
  let atRisk = 0;
  for (let part = 0; part < parts; part++) {
    countTiers(state, part, counts);
    const byDepth = [0, 0, 0, 0, 0];
    for (const { index, depth } of tree.tiers) {
      if (depth > 0)
        byDepth[depth] = (byDepth[depth] ?? 0) + Math.max(0, (counts[index] ?? 0) - (plan.dispersed[index] ?? 0));
    }
    atRisk += Math.max(...byDepth);
  }
  return (100 * atRisk) / (parts * options.replicas);
}
