import type { PlacementNode } from '../placement.ts';
import type { Tier, TierTree } from './tier-tree.ts';

/** How many replicas of a partition each tier should hold, by the tier's index; fractions stand for that share of the partitions. */
export interface ReplicaPlan {
  readonly target: Float64Array;
  /** Whole replicas next below the target. */
  readonly min: Float64Array;
  /** Whole replicas next above it: no partition may have more there. */
  readonly max: Float64Array;
  /** Whole replicas that a tier has at most if all are spread evenly, weights aside; what dispersion is measured against. */
  readonly dispersed: Float64Array;
  /** Overload that would do to spread replicas as far as the tiers allow. */
  readonly requiredOverload: number;
}

const rounding = 1e-10;

/**
 * Weighs what weights ask for against what dispersion asks for. A device may be given up to `overload` (0.1 is 10 %) more than its weight's
 * share where that keeps replicas further apart.
 *
 * Source: OpenStack Swift, `RingBuilder._build_replica_plan` and what it calls (d57c078e).
 *
 * @param replicas - A whole number, at most that of nodes.
 */
export function replicaPlan(
  tree: TierTree,
  nodes: readonly PlacementNode[],
  replicas: number,
  overload: number,
): ReplicaPlan {
  const weighted = weightedReplicas(tree, nodes, replicas);
  const wanted = wantedReplicas(tree, weighted, replicas);
  let required = 0;
  for (const { depth, index } of tree.tiers) {
    if (depth === 4) required = Math.max(required, (wanted[index] ?? 0) / (weighted[index] ?? 1) - 1);
  }
  const share = required > 0 ? Math.min(overload, required) / required : 1;
  const target = weighted.map((replicanths, index) => replicanths + ((wanted[index] ?? 0) - replicanths) * share);
  return {
    target,
    min: target.map((value) => Math.floor(value + rounding)),
    max: target.map((value) => Math.ceil(value - rounding)),
    dispersed: evenReplicas(tree, replicas, Math.ceil),
    requiredOverload: required,
  };
}

/** Replicas in proportion to weight, but no device more than one; what is over goes to the others by weight. */
function weightedReplicas({ tiers }: TierTree, nodes: readonly PlacementNode[], replicas: number): Float64Array {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  const shares = nodes.map(({ weight }) => Math.min(1, (weight * replicas) / total));
  for (;;) {
    const left = replicas - shares.reduce((sum, share) => sum + share, 0);
    if (left < rounding) break;
    const open = shares.reduce((sum, share) => (share < 1 ? sum + share : sum), 0);
    if (open === 0) break;
    shares.forEach((share, device) => {
      if (share < 1) shares[device] = Math.min(1, share * (1 + left / open));
    });
  }
  return Float64Array.from(tiers, ({ devices }) => devices.reduce((sum, device) => sum + (shares[device] ?? 0), 0));
}

/** Replicas halved, thirded, … from tier to tier, whatever the weights. */
function evenReplicas({ cluster, tiers }: TierTree, replicas: number, round: (share: number) => number): Float64Array {
  const even = new Float64Array(tiers.length);
  const walk = (tier: Tier, share: number): void => {
    const here = tier.depth === 4 ? Math.min(1, share) : share;
    even[tier.index] = here;
    for (const child of tier.children) walk(child, round(here / tier.children.length));
  };
  walk(cluster, replicas);
  return even;
}

/** Replicas by weight within the bounds that even spreading sets for each tier, and never more than a tier has devices. */
function wantedReplicas(tree: TierTree, weighted: Float64Array, replicas: number): Float64Array {
  const even = evenReplicas(tree, replicas, (share) => share);
  const wanted = new Float64Array(tree.tiers.length);
  const walk = (tier: Tier, replicanths: number): void => {
    wanted[tier.index] = replicanths;
    if (tier.children.length === 0) return;
    const placed = pour(tier.children, replicanths, weighted, even);
    tier.children.forEach((child, n) => {
      walk(child, placed[n] ?? 0);
    });
  };
  walk(tree.cluster, replicas);
  return wanted;
}

/** Pours replicas into sibling tiers by weight, again and again over those that still have room, until all are placed. */
function pour(siblings: readonly Tier[], replicanths: number, weighted: Float64Array, even: Float64Array): number[] {
  const placed = siblings.map(() => 0);
  const least = siblings.map(({ index }) => Math.floor(even[index] ?? 0));
  const most = siblings.map(({ index }) => Math.ceil(even[index] ?? 0));
  let open = siblings.map((_, n) => n);
  let deviceLimited = false;
  let left = replicanths;
  for (;;) {
    const weight = open.reduce((sum, n) => sum + (weighted[siblings[n]?.index ?? 0] ?? 0), 0);
    for (const n of open) {
      const tier = siblings[n];
      if (tier === undefined) continue;
      let share = (placed[n] ?? 0) + ((weighted[tier.index] ?? 0) * left) / weight;
      if (share < (least[n] ?? 0)) share = least[n] ?? 0;
      else if (share > (most[n] ?? 0) && !deviceLimited) share = most[n] ?? 0;
      placed[n] = Math.min(share, tier.devices.length);
    }
    left = replicanths - placed.reduce((sum, share) => sum + share, 0);
    if (Math.abs(left) <= rounding) return placed;
    const room = (n: number) => (siblings[n]?.devices.length ?? 0) > (placed[n] ?? 0);
    const all = siblings.map((_, n) => n);
    if (left < 0) {
      open = all.filter((n) => (placed[n] ?? 0) > (least[n] ?? 0));
      continue;
    }
    open = all.filter((n) => room(n) && (placed[n] ?? 0) < (most[n] ?? 0));
    if (open.length > 0) continue;
    deviceLimited = true;
    open = all.filter(room);
  }
}
