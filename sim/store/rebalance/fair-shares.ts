import type { NodeId } from '../../host.ts';

/** A node and the share of the data that it should hold, relative to the others. */
export interface WeightedNode {
  readonly id: NodeId;
  readonly weight: number;
  /** Replicas of a partition stand in distinct zones as far as there are enough; no zones matter where none is given. */
  readonly zone?: string;
}

/**
 * The share of all replicas that each node should hold: in proportion to weight, but at most one replica of each partition a
 * node, and where there are zones enough for that, one a zone. What is over a cap is spread over the others by weight.
 *
 * @returns shares by node, adding up to 1 (to less if there are fewer nodes than replicas).
 */
export function fairShares(nodes: readonly WeightedNode[], replication: number): Map<NodeId, number> {
  const zones = new Map<string, WeightedNode[]>();
  for (const node of nodes) zones.set(node.zone ?? '', [...(zones.get(node.zone ?? '') ?? []), node]);
  const nodeCap = 1 / replication;
  const perZone = Math.ceil(replication / Math.max(1, zones.size));
  const byZone = fill(
    [...zones].map(([zone, members]) => ({
      id: zone,
      weight: members.reduce((sum, { weight }) => sum + weight, 0),
      cap: Math.min(perZone, members.length) * nodeCap,
    })),
    1,
  );
  const shares = new Map<NodeId, number>();
  for (const [zone, members] of zones) {
    const within = fill(
      members.map(({ id, weight }) => ({ id, weight, cap: nodeCap })),
      byZone.get(zone) ?? 0,
    );
    for (const [id, share] of within) shares.set(id, share);
  }
  return shares;
}

interface Vessel {
  readonly id: string;
  readonly weight: number;
  readonly cap: number;
}

/** Pours `amount` into vessels in proportion to weight, never over a vessel's cap. */
function fill(vessels: readonly Vessel[], amount: number): Map<string, number> {
  const shares = new Map<string, number>(vessels.map(({ id }) => [id, 0]));
  let open = vessels.filter(({ weight }) => weight > 0);
  let left = amount;
  for (;;) {
    const total = open.reduce((sum, { weight }) => sum + weight, 0);
    const over = open.filter(({ weight, cap }) => (left * weight) / total > cap);
    if (over.length === 0) {
      for (const { id, weight } of open) shares.set(id, (left * weight) / total);
      return shares;
    }
    for (const { id, cap } of over) shares.set(id, cap);
    open = open.filter((vessel) => !over.includes(vessel));
    left = Math.max(0, left - over.reduce((sum, { cap }) => sum + cap, 0));
  }
}
