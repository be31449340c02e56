import type { NodeStatus } from '../../messages/admin.ts';
import type { NodeAspect, NodeRecord } from '../state/node-table.ts';
import type { Leader } from './leader.ts';

/** How each data node does, why it is judged so and since when, and what comes next. In the order of ids. */
export function nodeStatuses(leader: Leader): NodeStatus[] {
  return leader.state.nodes.all().map((record) => {
    const { description, liveness, membership, gray, fullness } = record;
    return {
      node: description.id,
      liveness,
      membership,
      gray,
      fullness,
      reasons: reasonsFor(leader, record),
      next: [...nextSteps(leader, record)].join('; '),
    };
  });
}

function reasonsFor(
  { clock }: Leader,
  { liveness, membership, gray, fullness, replaced, because }: NodeRecord,
): string[] {
  const reasons: string[] = [];
  const say = (what: string, aspect: NodeAspect) => {
    const { why, sinceMs } = because[aspect];
    const since = `for ${seconds(clock.nowMs() - sinceMs)}`;
    reasons.push(why === '' ? `${what} ${since}` : `${what} ${since}: ${why}`);
  };
  if (liveness !== 'up') say(replaced ? `${liveness} and given up` : liveness, 'liveness');
  if (membership !== 'active') say(membership, 'membership');
  if (gray) say('gray', 'gray');
  if (fullness !== 'ok') say(fullness, 'fullness');
  return reasons;
}

function* nextSteps(leader: Leader, record: NodeRecord): Generator<string, void> {
  const { membership, fullness, gray } = record;
  if (membership === 'left') return;
  const alive = livenessNext(leader, record);
  if (alive !== '') yield alive;
  if (membership === 'draining') yield `leaves once ${owned(leader, record)} partitions have moved away`;
  if (membership === 'joining') yield 'active once it has its share';
  if (gray) yield grayNext(leader, record);
  if (fullness === 'read-only') yield 'takes no new blocks until some are deleted or moved away';
  else if (fullness === 'no-backfill') yield 'is given no more partitions until it is emptier';
}

function livenessNext(leader: Leader, record: NodeRecord): string {
  const { settings, clock, host, detector, peers, safeMode, holdups } = leader;
  const { id } = record.description;
  if (record.liveness === 'up') return '';
  if (record.liveness === 'suspect') {
    const silentMs = detector.silentMs(id, host.clock.nowMs());
    if (silentMs > settings.suspectAfterMs) {
      const downInMs = Math.max(0, settings.downAfterMs - silentMs);
      return safeMode.active
        ? `judged after safe mode: ${safeMode.words()}`
        : `down in ${seconds(downInMs)} unless it beats`;
    }
    const heldMs = Math.max(detector.heldMs(record, clock.nowMs()), peers.leftMs(id, host.clock.nowMs()));
    return `up in ${seconds(heldMs)} at the earliest`;
  }
  if (record.replaced) return `${owned(leader, record)} of its partitions are still to be rebuilt elsewhere`;
  const held = holdups.get(id);
  if (held !== undefined) return `is not given up: ${held}; drain it to rebuild its replicas elsewhere`;
  const dueMs = record.downSinceMs + settings.replaceAfterMs - clock.nowMs();
  return `its replicas are rebuilt elsewhere in ${seconds(Math.max(0, dueMs))} unless it returns`;
}

function grayNext({ outliers, host }: Leader, { description }: NodeRecord): string {
  const leftMs = outliers.leftMs(description.id, host.clock.nowMs());
  return `is given data traffic again in ${seconds(leftMs)} at the earliest`;
}

function owned({ state }: Leader, { description }: NodeRecord): number {
  let count = 0;
  for (const { replicas } of state.partitions) if (replicas.includes(description.id)) count += 1;
  return count;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
