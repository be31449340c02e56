import type { NodeId } from '../../../host.ts';
import type { CommandOf, CommandResult } from './commands.ts';
import { because, isMember, type NodeRecord, newNodeRecord } from './node-table.ts';
import type { MetadataState } from './state.ts';

const done: CommandResult = { kind: 'done' };

/** A node registers, for the first time or again. A disk that it had not before means that it holds nothing. */
export function applyRegister(state: MetadataState, command: CommandOf<'node.register'>): CommandResult {
  const { node, knownDisk, liveness } = command;
  const known = state.nodes.get(node.id);
  if ((known?.description.diskId ?? '') !== knownDisk) {
    return refused(
      `node.diskId: found ${node.diskId}, but ${node.id} has just registered with ${known?.description.diskId ?? ''}`,
    );
  }
  if (known === undefined) {
    put(state, newNodeRecord(node, liveness, state.timeMs));
    state.membershipChangedMs = state.timeMs;
    return changed(state, `${node.id} registered`);
  }
  const wiped = known.description.diskId !== node.diskId;
  if (!wiped && node.incarnation < known.description.incarnation) {
    return refused(`node.incarnation: found ${node.incarnation}, accepted: at least ${known.description.incarnation}`);
  }
  // An operator's weight outlives restarts; a weight that the node itself changed is news.
  const weight = node.weight === known.description.weight ? known.weight : node.weight;
  const membership = membershipAtReturn(known, wiped);
  const next: NodeRecord = {
    ...newNodeRecord(node, liveness, state.timeMs),
    weight,
    membership,
    // A full disk is as full as it was until the first beat tells otherwise.
    fullness: wiped ? 'ok' : known.fullness,
    falls: known.falls,
    fellMs: known.fellMs,
    because: {
      ...known.because,
      ...(membership === known.membership ? {} : { membership: { why: 'returned', sinceMs: state.timeMs } }),
      liveness: { why: returnReason(known, wiped, liveness), sinceMs: state.timeMs },
      gray: { why: '', sinceMs: state.timeMs },
    },
  };
  put(state, next);
  for (const partition of state.partitions) {
    if (wiped) partition.wiped(node.id, state.timeMs);
    else if (known.replaced) partition.returned(node.id);
  }
  if (isMember(next) !== isMember(known) || weight !== known.weight) state.membershipChangedMs = state.timeMs;
  return changed(state, wiped ? `${node.id} returned with an empty disk` : `${node.id} returned`);
}

function returnReason(known: NodeRecord, wiped: boolean, liveness: NodeRecord['liveness']): string {
  const held = liveness === 'suspect' ? `, held back: it went down ${known.falls} times of late` : '';
  return `${wiped ? 'returned with an empty disk' : 'returned'}${held}`;
}

/** A node that has left stays so until it comes with a new disk; one whose replicas were rebuilt must be filled again. */
function membershipAtReturn(known: NodeRecord, wiped: boolean): NodeRecord['membership'] {
  if (wiped && known.membership === 'left') return 'joining';
  return known.replaced && known.membership === 'active' ? 'joining' : known.membership;
}

export function applyLiveness(state: MetadataState, command: CommandOf<'nodes.liveness'>): CommandResult {
  for (const { node, incarnation, liveness, why, falls } of command.changes) {
    const known = state.nodes.get(node);
    if (known === undefined || known.description.incarnation !== incarnation || known.liveness === liveness) continue;
    const fell = liveness === 'down';
    put(state, {
      ...known,
      liveness,
      downSinceMs: fell ? state.timeMs : 0,
      falls: fell ? (falls ?? known.falls + 1) : known.falls,
      fellMs: fell ? state.timeMs : known.fellMs,
      because: because(known, 'liveness', why, state.timeMs),
    });
    changed(state, `${node} is ${liveness}`);
  }
  return done;
}

/** A node turns gray or recovers, or its disk fills or empties. */
export function applyCondition(state: MetadataState, command: CommandOf<'nodes.condition'>): CommandResult {
  for (const change of command.changes) {
    const known = state.nodes.get(change.node);
    if (known === undefined || known.description.incarnation !== change.incarnation) continue;
    const reasons = because(known, change.about, change.why, state.timeMs);
    if (change.about === 'gray' && known.gray !== change.gray) {
      put(state, { ...known, gray: change.gray, because: reasons });
      changed(state, `${change.node} is ${change.gray ? 'gray' : 'no longer gray'}`);
    } else if (change.about === 'fullness' && known.fullness !== change.fullness) {
      put(state, { ...known, fullness: change.fullness, because: reasons });
      changed(state, `${change.node} is ${change.fullness === 'ok' ? 'no longer full' : change.fullness}`);
    }
  }
  return done;
}

export function applyMembership(state: MetadataState, command: CommandOf<'node.membership'>): CommandResult {
  const { node, membership, why, epoch } = command;
  const known = state.nodes.get(node);
  if (known === undefined) return unknownNode(state, node);
  if (epoch !== 'any' && epoch !== state.map.epoch) return staleEpoch(state, epoch);
  if (known.membership === membership) return done;
  const fault = faultInChange(state, known, membership);
  if (fault !== undefined) return refused(fault);
  put(state, { ...known, membership, because: because(known, 'membership', why, state.timeMs) });
  if (membership === 'left') for (const partition of state.partitions) partition.forget(node);
  if (membership !== 'active') state.membershipChangedMs = state.timeMs;
  return changed(state, `${node} is ${membership}: ${why}`);
}

export function applyWeight(state: MetadataState, command: CommandOf<'node.weight'>): CommandResult {
  const { node, weight, epoch } = command;
  const known = state.nodes.get(node);
  if (known === undefined) return unknownNode(state, node);
  if (epoch !== 'any' && epoch !== state.map.epoch) return staleEpoch(state, epoch);
  if (known.weight === weight) return done;
  put(state, { ...known, weight });
  state.membershipChangedMs = state.timeMs;
  return changed(state, `weight of ${node} is ${weight}`);
}

export function applyReplace(state: MetadataState, command: CommandOf<'node.replace'>): CommandResult {
  const known = state.nodes.get(command.node);
  if (known === undefined) return unknownNode(state, command.node);
  if (known.liveness !== 'down') return refused(`${command.node} is ${known.liveness}`);
  if (known.replaced) return done;
  put(state, { ...known, replaced: true });
  // What only it has is as good as lost now.
  for (const partition of state.partitions) if (partition.isHolder(command.node)) partition.suspectLoss = true;
  state.membershipChangedMs = state.timeMs;
  return done;
}

function faultInChange(state: MetadataState, known: NodeRecord, to: NodeRecord['membership']): string | undefined {
  const { id } = known.description;
  const from = known.membership;
  const owns = state.partitions.some((partition) => partition.replicas.includes(id) || partition.joining.includes(id));
  if (to === 'draining' && (from === 'joining' || from === 'active')) {
    const others = state.nodes.all().filter((record) => isMember(record) && record.description.id !== id).length;
    const needed = state.options.replication;
    return others >= needed
      ? undefined
      : `node: ${id} cannot leave: ${others} members would remain, accepted: at least ${needed}`;
  }
  if (to === 'active' && from === 'joining') return undefined;
  if (to === 'joining' && from === 'draining') return undefined;
  if (to === 'left' && from === 'draining') return owns ? `node: ${id} still owns partitions` : undefined;
  return `node: ${id} is ${from}, which cannot become ${to}`;
}

function put(state: MetadataState, record: NodeRecord): void {
  state.nodes.put(record);
}

function changed(state: MetadataState, why: string): CommandResult {
  if (state.created) state.changeMap(why);
  return done;
}

function refused(detail: string): CommandResult {
  return { kind: 'refused', detail };
}

function unknownNode(state: MetadataState, node: NodeId): CommandResult {
  const known = state.nodes.all().map((record) => record.description.id);
  return refused(`node: found ${node}, accepted: ${known.join(', ')}`);
}

function staleEpoch(state: MetadataState, epoch: number): CommandResult {
  return refused(`epoch: found ${epoch}, accepted: ${state.map.epoch}, or 'any'`);
}
