import type { Condition } from '../../model.ts';
import type { CommandOf, CommandResult } from './commands.ts';
import type { MetadataState } from './state.ts';

/** Makes a new version visible, unless the condition fails or a block is not where the writer says. */
export function applyCommit(state: MetadataState, command: CommandOf<'object.commit'>): CommandResult {
  const { key, sizeBytes, blocks, acked, condition, token } = command;
  const earlier = state.tokens.find(token, state.revision);
  if (earlier !== undefined) return earlier;
  const previous = state.objects.get(key);
  const failed = preconditionFailure(condition, previous?.generation ?? 0);
  if (failed !== undefined) return answer(state, token, failed);
  const detail = faultInBlocks(state, command);
  if (detail !== undefined) return { kind: 'refused', detail };
  for (const block of previous?.blocks ?? []) state.partition(block.partition)?.discard(block.id, state.timeMs, '');
  const dueMs = state.timeMs + state.options.stragglerGraceMs;
  blocks.forEach((block, position) => {
    state.partition(block.partition)?.add(block, acked[position] ?? [], dueMs);
  });
  state.objects.set({ key, generation: state.revision, sizeBytes, blocks });
  return answer(state, token, { kind: 'object.committed', generation: state.revision });
}

/** Leaves a tombstone in the place of the version, if there is one. */
export function applyDelete(state: MetadataState, command: CommandOf<'object.delete'>): CommandResult {
  const { key, condition, token } = command;
  const earlier = state.tokens.find(token, state.revision);
  if (earlier !== undefined) return earlier;
  const previous = state.objects.get(key);
  const failed = preconditionFailure(condition, previous?.generation ?? 0);
  if (failed !== undefined) return answer(state, token, failed);
  if (previous === undefined) return answer(state, token, { kind: 'object.deleted', generation: 0, existed: false });
  for (const block of previous.blocks) state.partition(block.partition)?.discard(block.id, state.timeMs, key);
  state.objects.delete({
    key,
    generation: state.revision,
    sinceMs: state.timeMs,
    pendingBlocks: previous.blocks.length,
  });
  return answer(state, token, { kind: 'object.deleted', generation: state.revision, existed: true });
}

/** Forgets garbage that no holder has any more, and the tombstones that waited for it. */
export function applyGarbageCollected(state: MetadataState, command: CommandOf<'garbage.collected'>): CommandResult {
  for (const { id, partition } of command.blocks) {
    const garbage = state.partition(partition)?.garbage;
    const entry = garbage?.get(id);
    if (garbage === undefined || entry === undefined) continue;
    garbage.delete(id);
    if (entry.key !== '') state.objects.settle(entry.key);
  }
  state.objects.bury(state.timeMs - state.options.tombstoneMs);
  return { kind: 'done' };
}

function answer(state: MetadataState, token: string, result: CommandResult): CommandResult {
  state.tokens.remember(token, state.revision, result);
  return result;
}

function preconditionFailure(condition: Condition, generation: number): CommandResult | undefined {
  const holds =
    condition.kind === 'none' ||
    (condition.kind === 'if-absent' ? generation === 0 : condition.generation === generation);
  return holds ? undefined : { kind: 'object.precondition-failed', generation };
}

function faultInBlocks(state: MetadataState, command: CommandOf<'object.commit'>): string | undefined {
  const { writeQuorum } = state.options;
  for (const [position, block] of command.blocks.entries()) {
    const partition = state.partition(block.partition);
    if (partition === undefined)
      return `blocks[${position}].partition: found ${block.partition}, accepted: 0 to ${state.partitions.length - 1}`;
    if (partition.blocks.has(block.id) || partition.garbage.has(block.id)) {
      return `blocks[${position}].id: found ${block.id}, which was committed before, accepted: an id that was never used`;
    }
    let durable = 0;
    for (const node of command.acked[position] ?? []) if (partition.isHolder(node)) durable += 1;
    if (durable < writeQuorum) {
      return (
        `acked[${position}]: found ${(command.acked[position] ?? []).join(', ')}, accepted: at least ${writeQuorum} of the holders ` +
        `of partition ${block.partition} at epoch ${state.map.epoch}: ${partition.holders().join(', ')}`
      );
    }
  }
  return undefined;
}
