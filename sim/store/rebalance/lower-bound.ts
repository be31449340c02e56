import { fairShares, type WeightedNode } from './fair-shares.ts';

/** A change of membership or weights. */
export interface MembershipChange {
  readonly before: readonly WeightedNode[];
  readonly after: readonly WeightedNode[];
  readonly replication: number;
  /** Declared bytes of all replicas together. */
  readonly replicaBytes: number;
}

/**
 * The least bytes that any plan must move to go from fair shares before to fair shares after a change: what the
 * nodes that gain gain together. One node more among n equal ones costs 1/(n+1) of the data, one of n less costs 1/n.
 *
 * Source: the optimum of consistent hashing (Karger et al., 1997), for weights and replicas as in Brinkmann et al.,
 * "Dynamic and redundant data placement" (2007).
 */
export function leastMoveBytes(change: MembershipChange): number {
  const before = fairShares(change.before, change.replication);
  let gained = 0;
  for (const [id, share] of fairShares(change.after, change.replication)) {
    gained += Math.max(0, share - (before.get(id) ?? 0));
  }
  return gained * change.replicaBytes;
}
