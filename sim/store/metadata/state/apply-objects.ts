import type { Condition, ObjectVersion } from '../../model.ts';
import type { CommandOf, CommandResult } from './commands.ts';
import type { MetadataState } from './state.ts';

/** Makes a new version visible, unless the condition fails or a block is not where the writer says. */
export function applyCommit(state: MetadataState, command: CommandOf<'object.commit'>): CommandResult {
  const { key, sizeBytes, blocks, acked, condition, token } = command;
  const earlier = earlierAnswer(state, token);
  if (earlier !== undefined) return earlier;
  const previous = state.objects.get(key);
  const failed = preconditionFailure(condition, previous?.generation ?? 0);
  if (failed !== undefined) return answer(state, token, failed);
  const fault = conflictInBlocks(state, command) ?? faultInBlocks(state, command);
  if (fault !== undefined) return fault;
  if (previous !== undefined) release(state, previous, '');
  const dueMs = state.timeMs + state.options.stragglerGraceMs;
  blocks.forEach((block, position) => {
    state.partition(block.partition)?.add(block, acked[position] ?? [], dueMs);
  });
  state.objects.set({ key, generation: state.revision, sizeBytes, blocks }, state.timeMs);
  return answer(state, token, { kind: 'object.committed', generation: state.revision });
}

/** Makes a new version out of another key's blocks, which never change: only the references are counted. */
export function applyCopy(state: MetadataState, command: CommandOf<'object.copy'>): CommandResult {
  const { key, from, condition, token } = command;
  const earlier = earlierAnswer(state, token);
  if (earlier !== undefined) return earlier;
  const source = state.objects.get(from);
  if (source === undefined) return answer(state, token, { kind: 'object.missing', key: from });
  const previous = state.objects.get(key);
  const failed = preconditionFailure(condition, previous?.generation ?? 0);
  if (failed !== undefined) return answer(state, token, failed);
  const { sizeBytes, blocks } = source;
  for (const block of blocks) state.partition(block.partition)?.share(block.id);
  if (previous !== undefined) release(state, previous, '');
  state.objects.set({ key, generation: state.revision, sizeBytes, blocks }, state.timeMs);
  return answer(state, token, { kind: 'object.committed', generation: state.revision });
}

/** Leaves a tombstone in the place of the version, if there is one. */
export function applyDelete(state: MetadataState, command: CommandOf<'object.delete'>): CommandResult {
  const { key, condition, token } = command;
  const earlier = earlierAnswer(state, token);
  if (earlier !== undefined) return earlier;
  const previous = state.objects.get(key);
  const failed = preconditionFailure(condition, previous?.generation ?? 0);
  if (failed !== undefined) return answer(state, token, failed);
  if (previous === undefined) return answer(state, token, { kind: 'object.deleted', generation: 0, existed: false });
  const pendingBlocks = release(state, previous, key);
  state.objects.delete({ key, generation: state.revision, sinceMs: state.timeMs, pendingBlocks });
  return answer(state, token, { kind: 'object.deleted', generation: state.revision, existed: true });
}

/** A version is no more; the tombstone of `key`, if not '', waits for its blocks. @returns how many nobody else needs. */
function release(state: MetadataState, version: ObjectVersion, key: string): number {
  let garbage = 0;
  for (const { id, partition } of version.blocks) {
    if (state.partition(partition)?.discard(id, state.timeMs, key, state.revision)) garbage += 1;
  }
  return garbage;
}

function earlierAnswer(state: MetadataState, token: string): CommandResult | undefined {
  const earlier = state.tokens.find(token);
  if (earlier !== 'expired') return earlier;
  const bound = state.options.tokenRevisions;
  const detail = `token: found ${token}, which is older than a write of the same client ${bound} revisions ago, accepted: a newer one; what became of its first attempt is forgotten`;
  return { kind: 'object.conflict', detail };
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

/** A block was given up as an orphan: nodes have been told to delete it, or will be. */
function conflictInBlocks(state: MetadataState, command: CommandOf<'object.commit'>): CommandResult | undefined {
  const { graceMs } = state.options.orphans;
  for (const [position, { id }] of command.blocks.entries()) {
    if (!state.condemned.has(id)) continue;
    const detail = `blocks[${position}].id: found ${id}, whose upload took longer than the grace of ${graceMs} ms, accepted: blocks of a new upload`;
    return { kind: 'object.conflict', detail };
  }
  return undefined;
}

function faultInBlocks(state: MetadataState, command: CommandOf<'object.commit'>): CommandResult | undefined {
  const { writeQuorum } = state.options;
  for (const [position, block] of command.blocks.entries()) {
    const partition = state.partition(block.partition);
    if (partition === undefined)
      return refused(
        `blocks[${position}].partition: found ${block.partition}, accepted: 0 to ${state.partitions.length - 1}`,
      );
    if (partition.blocks.has(block.id) || partition.garbage.has(block.id)) {
      return refused(
        `blocks[${position}].id: found ${block.id}, which was committed before, accepted: an id that was never used`,
      );
    }
    const acked = command.acked[position] ?? [];
    let durable = 0;
    for (const node of acked) if (partition.isHolder(node)) durable += 1;
    if (durable < writeQuorum) {
      return refused(
        `acked[${position}]: found ${acked.join(', ')}, accepted: at least ${writeQuorum} of the holders ` +
          `of partition ${block.partition} at epoch ${state.map.epoch}: ${partition.holders().join(', ')}`,
      );
    }
  }
  return undefined;
}

function refused(detail: string): CommandResult {
  return { kind: 'refused', detail };
}
