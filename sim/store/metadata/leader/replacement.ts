import { isMember, type NodeRecord } from '../state/node-table.ts';
import { byName } from '../state/order.ts';
import type { Leader } from './leader.ts';

/**
 * Decides which nodes that have been down for `replaceAfterMs` are given up, so that their replicas are rebuilt
 * elsewhere. When a whole zone or a large share of the cluster is silent the network is the likelier culprit, and
 * copying all of it would fill what is left: then it waits for an operator (as after Amazon EBS, April 2011).
 */
export function giveUpNodes(leader: Leader): void {
  const { state, settings, clock } = leader;
  const nodes = state.nodes.all().filter((record) => record.membership !== 'left');
  const down = nodes.filter((record) => record.liveness === 'down');
  const due = down
    .filter((record) => !record.replaced && clock.nowMs() - record.downSinceMs >= settings.replaceAfterMs)
    .sort((a, b) => a.downSinceMs - b.downSinceMs || byName(a.description.id, b.description.id));
  let members = nodes.filter(isMember).length;
  for (const record of due) {
    const { id } = record.description;
    const fault = guard(record, nodes, down.length, settings.zoneGuard);
    const lacking = isMember(record) && members - 1 < settings.replication;
    if (fault !== undefined || lacking) {
      const why = fault ?? `${members - 1} members would remain for ${settings.replication} replicas`;
      leader.decideOnce({
        by: 'replacement',
        subject: id,
        chose: 'wait',
        why,
        rejected: [{ option: 'rebuild its replicas elsewhere', why }],
      });
      continue;
    }
    members -= 1;
    const seconds = ((clock.nowMs() - record.downSinceMs) / 1_000).toFixed(0);
    leader.decideOnce({
      by: 'replacement',
      subject: id,
      chose: 'rebuild its replicas elsewhere',
      why: `down for ${seconds} s`,
      rejected: [],
    });
    leader.propose({ kind: 'node.replace', atMs: clock.nowMs(), node: id });
  }
}

function guard(
  record: NodeRecord,
  nodes: readonly NodeRecord[],
  down: number,
  limits: { readonly maxFraction: number; readonly wholeZone: boolean },
): string | undefined {
  const most = Math.max(1, Math.floor(limits.maxFraction * nodes.length));
  if (down > most) return `${down} of ${nodes.length} nodes are down, at most ${most} may be replaced at once`;
  const { zone } = record.description;
  const zoneNodes = nodes.filter((other) => other.description.zone === zone);
  const dark = zoneNodes.length > 1 && zoneNodes.every((other) => other.liveness === 'down');
  const otherZones = nodes.some((other) => other.description.zone !== zone);
  return dark && otherZones && !limits.wholeZone ? `all ${zoneNodes.length} nodes of zone ${zone} are down` : undefined;
}
