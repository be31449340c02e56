import type { NodeId } from '../../../host.ts';
import type { AdminTraced, BlockTrace, HolderTrace } from '../../messages/admin.ts';
import type { BlockRef } from '../../model.ts';
import { isMember } from '../state/node-table.ts';
import type { Partition } from '../state/partition.ts';
import type { MetadataState } from '../state/state.ts';

/** Why is it there? Everything that decides where a key's blocks lie, in figures and in words. */
export function traceKey(
  state: MetadataState,
  key: string,
  targets: readonly (readonly NodeId[])[],
  nowMs: number,
): Omit<AdminTraced, 'kind' | 'controlBytes'> {
  const { epoch } = state.map;
  const version = state.objects.get(key);
  if (version === undefined) {
    const tombstone = state.objects.tombstones.get(key);
    if (tombstone === undefined)
      return {
        key,
        epoch,
        state: 'absent',
        generation: 0,
        blocks: [],
        words: [`${key} was never written, or its deletion is forgotten`],
      };
    const { generation, pendingBlocks, sinceMs } = tombstone;
    const words = [
      `${key} was deleted ${seconds(nowMs - sinceMs)} ago at generation ${generation}`,
      `${pendingBlocks} of its blocks are still to be deleted on some holder`,
    ];
    return { key, epoch, state: 'deleted', generation, blocks: [], words };
  }
  const { generation, sizeBytes } = version;
  const blocks = version.blocks.flatMap((block) => {
    const partition = state.partition(block.partition);
    return partition === undefined ? [] : [traceBlock(state, partition, block, targets[block.partition] ?? [], nowMs)];
  });
  const words = [`${key} has generation ${generation}, ${sizeBytes} bytes in ${blocks.length} blocks; epoch ${epoch}`];
  return { key, epoch, state: 'live', generation, blocks, words };
}

function traceBlock(
  state: MetadataState,
  partition: Partition,
  block: BlockRef,
  placement: readonly NodeId[],
  nowMs: number,
): BlockTrace {
  const holders = [
    ...partition.replicas.map((node) => traceHolder(state, partition, block.id, node, 'replica', nowMs)),
    ...partition.joining.map((node) => traceHolder(state, partition, block.id, node, 'joining', nowMs)),
    ...[...partition.former.keys()].map((node) => traceHolder(state, partition, block.id, node, 'former', nowMs)),
  ];
  const words = [
    `block ${block.id} is in partition ${partition.number}, by the hash of its name`,
    `placement would have it on ${placement.join(', ') || 'nobody: too few members'}`,
    ...differences(state, partition, placement),
  ];
  const shared = partition.shared.get(block.id);
  if (shared !== undefined) words.push(`${shared + 1} objects share it, for objects are copied by reference`);
  if (partition.lost.has(block.id)) words.push('it is stated to be lost: no holder has it');
  const move = state.moveIn(partition.number);
  if (move !== undefined)
    words.push(`move ${move.transferId} (${move.cause}) from ${move.from} to ${move.to}: ${move.why}`);
  return { block, placement, holders, words };
}

function traceHolder(
  state: MetadataState,
  partition: Partition,
  id: string,
  node: NodeId,
  role: HolderTrace['role'],
  nowMs: number,
): HolderTrace {
  const record = state.nodes.get(node);
  const how = record === undefined ? 'not known' : `${record.liveness}, ${record.membership}`;
  const dueMs = partition.missing.get(node)?.get(id);
  if (dueMs === undefined) return { node, role, copy: 'held', why: how };
  if (dueMs > nowMs) return { node, role, copy: 'awaited', why: `${how}; its acknowledgement may yet come` };
  return { node, role, copy: 'lacking', why: `${how}; it lacks the block for ${seconds(nowMs - dueMs)}` };
}

/** Why the replicas are not those of placement. */
function differences(state: MetadataState, partition: Partition, placement: readonly NodeId[]): string[] {
  const words: string[] = [];
  for (const node of partition.replicas) {
    if (placement.includes(node)) continue;
    const record = state.nodes.get(node);
    const why =
      record === undefined || !isMember(record)
        ? `it is ${record?.replaced ? 'given up' : (record?.membership ?? 'not known')} and waits to be relieved`
        : 'a repair or a move for balance put it there, or a move away is still to come';
    words.push(`${node} has it against placement: ${why}`);
  }
  for (const node of placement) {
    if (partition.replicas.includes(node) || partition.joining.includes(node)) continue;
    const { liveness, fullness } = state.nodes.get(node) ?? {};
    words.push(
      `${node} should have it and has not: it is ${liveness ?? 'not known'}, its disk ${fullness ?? 'not known'}`,
    );
  }
  if (partition.movedMs !== undefined)
    words.push(`a replica last changed hands ${seconds(state.timeMs - partition.movedMs)} ago`);
  return words;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
