import type { MetadataSettings } from '../config.ts';
import type { NodeRecord } from '../state/node-table.ts';

/**
 * Why the service must not take a node out of use by itself, undefined if it may. When a whole zone or a large share of the
 * cluster looks ill at once the network is the likelier culprit, and acting on all of it would overload what is left: then it
 * waits for an operator (as after Amazon EBS, April 2011).
 *
 * @param nodes - All that belong.
 * @param isOut - Which of them are out, or would be with this one.
 * @param words - What `isOut` means, and what the guard forbids: `down`, `replaced`.
 */
export function faultInTakingOut(
  record: NodeRecord,
  nodes: readonly NodeRecord[],
  isOut: (record: NodeRecord) => boolean,
  words: { readonly state: string; readonly forbidden: string },
  limits: MetadataSettings['zoneGuard'],
): string | undefined {
  const most = Math.max(1, Math.floor(limits.maxFraction * nodes.length));
  const out = nodes.filter(isOut).length;
  if (out > most) {
    return `${out} of ${nodes.length} nodes are ${words.state}, at most ${most} may be ${words.forbidden} at once`;
  }
  const { zone } = record.description;
  const zoneNodes = nodes.filter((other) => other.description.zone === zone);
  const dark = zoneNodes.length > 1 && zoneNodes.every(isOut);
  const otherZones = nodes.some((other) => other.description.zone !== zone);
  if (!dark || !otherZones || limits.wholeZone) return undefined;
  return `all ${zoneNodes.length} nodes of zone ${zone} are ${words.state}`;
}
