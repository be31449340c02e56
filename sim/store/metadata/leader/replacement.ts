import { isMember, type NodeRecord } from '../state/node-table.ts';
import { byName } from '../state/order.ts';
import type { MetadataState } from '../state/state.ts';
import type { Leader } from './leader.ts';
import { faultInTakingOut } from './zone-guard.ts';

/**
 * Decides which nodes that have been down for `replaceAfterMs` are given up, so that their replicas are rebuilt elsewhere. What
 * the guard forbids is said in a decision and in the node's status, and waits for the others to return or for an operator to
 * drain the node, which moves its replicas without further question.
 */
export function giveUpNodes(leader: Leader): void {
  const { state, settings, clock, holdups } = leader;
  const nodes = state.nodes.all().filter((record) => record.membership !== 'left');
  const due = nodes
    .filter((record) => record.liveness === 'down' && !record.replaced)
    .filter((record) => clock.nowMs() - record.downSinceMs >= settings.replaceAfterMs)
    .sort((a, b) => a.downSinceMs - b.downSinceMs || byName(a.description.id, b.description.id));
  if (due.length === 0) {
    holdups.clear();
    return;
  }
  const isOut = (record: NodeRecord) => isDown(record, state);
  let members = nodes.filter(isMember).length;
  for (const record of due) {
    const { id } = record.description;
    const words = { state: 'down', forbidden: 'replaced' };
    const fault =
      faultInTakingOut(record, nodes, isOut, words, settings.zoneGuard) ??
      (isMember(record) && members - 1 < settings.replication
        ? `${members - 1} members would remain for ${settings.replication} replicas`
        : undefined);
    if (fault !== undefined) {
      holdups.set(id, fault);
      const rejected = [{ option: 'rebuild its replicas elsewhere', why: fault }];
      leader.decideOnce({ by: 'replacement', subject: id, chose: 'wait', why: fault, rejected });
      continue;
    }
    members -= 1;
    holdups.delete(id);
    const why = `down for ${((clock.nowMs() - record.downSinceMs) / 1_000).toFixed(0)} s`;
    leader.decideOnce({ by: 'replacement', subject: id, chose: 'rebuild its replicas elsewhere', why, rejected: [] });
    leader.propose({ kind: 'node.replace', atMs: clock.nowMs(), node: id });
  }
}

/** A node whose replicas were all rebuilt is no part of what is down at once any more. */
function isDown({ liveness, replaced, description }: NodeRecord, state: MetadataState): boolean {
  if (liveness !== 'down' || !replaced) return liveness === 'down';
  return state.partitions.some(({ replicas }) => replicas.includes(description.id));
}
