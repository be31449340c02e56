import type { CommandOf, CommandResult, Move, MoveEnd } from './commands.ts';
import { because } from './node-table.ts';
import type { Partition } from './partition.ts';
import type { MetadataState } from './state.ts';

const done: CommandResult = { kind: 'done' };

export function applyConfirm(state: MetadataState, command: CommandOf<'blocks.confirm'>): CommandResult {
  for (const { id, partition, node } of command.confirmed) state.partition(partition)?.held(node, id);
  return done;
}

export function applyReport(state: MetadataState, command: CommandOf<'node.report'>): CommandResult {
  for (const { id, partition } of command.held) state.partition(partition)?.held(command.node, id);
  for (const { id, partition } of command.lacking) state.partition(partition)?.lacking(command.node, id, state.timeMs);
  for (const partition of command.dropped) state.partition(partition)?.dropping.delete(command.node);
  return done;
}

export function applyLost(state: MetadataState, command: CommandOf<'blocks.lost'>): CommandResult {
  for (const { id, partition: number } of command.blocks) {
    const partition = state.partition(number);
    // A copy may have been found between the leader's look and now.
    if (partition?.blocks.has(id) && isLost(state, partition, id)) partition.lost.add(id);
  }
  return done;
}

/** No holder has the block, but for those that were given up: they take the loss back should they ever return. */
export function isLost(state: MetadataState, partition: Partition, id: string): boolean {
  return partition.holders().every((node) => partition.lacks(node, id) || state.nodes.get(node)?.replaced === true);
}

export function applyCreateMap(state: MetadataState, command: CommandOf<'map.create'>): CommandResult {
  const { partitions, replication } = state.options;
  if (state.created) return { kind: 'refused', detail: 'there is a map already' };
  const fits = (owners: readonly string[]) =>
    new Set(owners).size === replication && owners.every((node) => state.nodes.get(node) !== undefined);
  if (command.owners.length !== partitions || !command.owners.every(fits)) {
    return {
      kind: 'refused',
      detail: `owners: accepted: ${replication} registered nodes for each of ${partitions} partitions`,
    };
  }
  state.partitions.forEach((partition, number) => {
    partition.replicas = command.owners[number] ?? [];
  });
  for (const record of state.nodes.all()) {
    const reasons = because(record, 'membership', 'first map', state.timeMs);
    state.nodes.put({ ...record, membership: 'active', because: reasons });
  }
  state.membershipChangedMs = state.timeMs;
  state.changeMap('first map');
  return done;
}

/** Ends and begins moves and drops. Each is judged by itself; what no longer fits is passed over. */
export function applyMoves(state: MetadataState, command: CommandOf<'moves.change'>): CommandResult {
  const ended: MoveEnd[] = [];
  const begun: Move[] = [];
  for (const end of command.end) if (endMove(state, end)) ended.push(end);
  for (const move of command.begin) if (beginMove(state, move)) begun.push(move);
  for (const { partition, node } of command.drop) {
    const known = state.partition(partition);
    if (known !== undefined && isComplete(known)) known.beginDrop(node);
  }
  return { kind: 'moves', begun, ended };
}

function beginMove(state: MetadataState, move: Move): boolean {
  const partition = state.partition(move.partition);
  const to = state.nodes.get(move.to);
  if (partition === undefined || to === undefined || state.moves.has(move.transferId)) return false;
  if (to.membership !== 'joining' && to.membership !== 'active') return false;
  if (partition.joining.length > 0 || !partition.replicas.includes(move.from)) return false;
  if (partition.replicas.includes(move.to) || partition.dropping.has(move.to)) return false;
  partition.beginMove(move.to, state.timeMs);
  state.moves.set(move.transferId, move);
  state.changeMap(`${move.cause}: ${move.to} is being filled`);
  return true;
}

function endMove(state: MetadataState, end: MoveEnd): boolean {
  const move = state.moves.get(end.transferId);
  const partition = move === undefined ? undefined : state.partition(move.partition);
  if (move === undefined || partition === undefined) return false;
  if (end.outcome === 'done') {
    if (!mayCommit(state, partition, move)) return false;
    partition.commitMove(move.from, move.to, state.timeMs);
    partition.balancedFrom = move.cause === 'join' || move.cause === 'load' ? move.from : undefined;
    state.changeMap(`${move.cause}: ${move.to} takes over from ${move.from}`);
  } else {
    partition.cancelMove(move.to, state.timeMs);
    state.changeMap(`${move.cause} to ${move.to} ${end.outcome}`);
  }
  state.moves.delete(end.transferId);
  return true;
}

/**
 * A hand-over must not lower redundancy: whatever `to` still needs, `from` lacks as well, or `from` is down and no live
 * holder has it. Stragglers of writes that are just being confirmed don't count: they are durable on W holders, and
 * `from` keeps its copy until every replica is complete.
 */
function mayCommit(state: MetadataState, partition: Partition, move: Move): boolean {
  if (!partition.replicas.includes(move.from) || !partition.joining.includes(move.to)) return false;
  const fromDown = state.nodes.get(move.from)?.liveness === 'down';
  const holders = partition.holders().filter((node) => state.nodes.isUp(node));
  return partition.needs(move.to, state.timeMs).every(({ id }) => {
    return partition.lacks(move.from, id) || (fromDown && holders.every((node) => partition.lacks(node, id)));
  });
}

/** Whether every replica has every block that is not lost. */
export function isComplete(partition: Partition): boolean {
  return partition.replicas.every((node) => {
    const missing = partition.missing.get(node);
    if (missing === undefined) return true;
    for (const id of missing.keys()) if (!partition.lost.has(id)) return false;
    return true;
  });
}
