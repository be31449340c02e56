import type { NodeId } from '../host.ts';
import type { ClusterMap } from '../store/model.ts';

/** What metadata takes out of use by itself, at the most. */
export interface ZoneGuard {
  /** Share of the nodes. */
  readonly maxFraction: number;
  /** Whether the last nodes of a zone of several may go. */
  readonly wholeZone: boolean;
}

/**
 * Why metadata waits for an operator instead of replacing the nodes that are gone for good, or has nowhere to put their replicas;
 * undefined if it ought to replace them.
 */
export function whyNotReplaced(
  { nodes, replication }: ClusterMap,
  canBeReached: (node: NodeId) => boolean,
  guard: ZoneGuard | undefined,
): string | undefined {
  const members = nodes.filter(({ membership }) => membership !== 'left');
  const gone = members.filter(({ id }) => !canBeReached(id));
  if (gone.length === 0) return undefined;
  const left = members.filter(({ id }) => canBeReached(id));
  if (guard !== undefined) {
    const most = Math.max(1, Math.floor(guard.maxFraction * members.length));
    if (gone.length > most)
      return `${gone.length} of ${members.length} data nodes are gone for good; metadata replaces ${most} by itself`;
    const dark = gone.find(({ zone }) => !left.some((node) => node.zone === zone));
    const count = members.filter(({ zone }) => zone === dark?.zone).length;
    if (dark !== undefined && count > 1 && left.length > 0 && !guard.wholeZone)
      return `all ${count} nodes of ${dark.zone} are gone for good, and metadata takes no whole zone out of use by itself`;
  }
  const zones = new Set(left.map(({ zone }) => zone)).size;
  const before = new Set(members.map(({ zone }) => zone)).size;
  if (zones < Math.min(replication, before))
    return `${zones} zones are left running and in reach, too few for ${replication} replicas`;
  return undefined;
}
