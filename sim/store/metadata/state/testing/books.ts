import { blockDigest } from '../../../datanode/block-digest.ts';
import type { Partition } from '../partition.ts';
import type { MetadataState } from '../state.ts';
import { nodes, options } from './courses.ts';

/** For tests: what the state keeps with each change, against the same worked out anew. */

/** What is wrong with the counts of references, against a count anew. */
export function faultsInReferences(state: MetadataState): string[] {
  const wrong: string[] = [];
  const counted = new Map<string, number>();
  for (const { blocks } of state.objects.versions()) {
    for (const { id, partition } of blocks)
      counted.set(`${partition}/${id}`, (counted.get(`${partition}/${id}`) ?? 0) + 1);
  }
  for (const { number, blocks, shared } of state.partitions) {
    for (const id of blocks.keys()) {
      const count = counted.get(`${number}/${id}`) ?? 0;
      if (count !== 1 + (shared.get(id) ?? 0))
        wrong.push(`${id}: ${count} references, kept ${1 + (shared.get(id) ?? 0)}`);
      counted.delete(`${number}/${id}`);
    }
    for (const id of shared.keys()) if (!blocks.has(id)) wrong.push(`${id} is shared and not committed`);
  }
  for (const block of counted.keys()) wrong.push(`${block} is referred to and not there`);
  for (const { key, generation, pendingBlocks } of state.objects.tombstones.values()) {
    let waiting = 0;
    for (const { garbage } of state.partitions) {
      for (const one of garbage.values()) if (one.key === key && one.generation === generation) waiting += 1;
    }
    if (waiting !== pendingBlocks)
      wrong.push(`tombstone of ${key}: ${waiting} blocks are garbage, ${pendingBlocks} expected`);
  }
  return wrong;
}

/** What is out of order in a partition, in words. */
export function faultsInPartition(partition: Partition): string[] {
  const { blocks, missing, lost, garbage, dropping, replicas } = partition;
  const holders = partition.holders();
  const wrong: string[] = [];
  if (new Set(holders).size !== holders.length) wrong.push(`holds twice: ${holders.join(', ')}`);
  if (replicas.length !== options.replication) wrong.push(`${replicas.length} replicas`);
  for (const node of dropping) if (holders.includes(node)) wrong.push(`${node} drops what it holds`);
  for (const [node, ids] of missing) {
    if (!holders.includes(node)) wrong.push(`${node} lacks blocks and is no holder`);
    if (ids.size === 0) wrong.push(`${node} lacks nothing`);
    for (const id of ids.keys()) if (!blocks.has(id)) wrong.push(`${node} lacks ${id}, which is not committed`);
  }
  for (const id of lost) if (!blocks.has(id)) wrong.push(`${id} is lost and not committed`);
  for (const id of garbage.keys()) if (blocks.has(id)) wrong.push(`${id} is garbage and committed`);
  let bytes = 0;
  for (const block of blocks.values()) bytes += block.sizeBytes;
  for (const node of nodes) {
    let digest = 0;
    for (const { id, checksum } of [...blocks.values(), ...garbage.values()]) {
      if (holders.includes(node) && !partition.lacks(node, id)) digest ^= blockDigest(id, checksum);
    }
    if (digest >>> 0 !== partition.expectedDigest(node))
      wrong.push(`digest of ${node}: ${partition.expectedDigest(node)}`);
  }
  if (bytes !== partition.bytes) wrong.push(`${partition.bytes} bytes, should be ${bytes}`);
  return wrong;
}
