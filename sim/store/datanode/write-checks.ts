import type { Body } from '../../host.ts';
import { crc32c } from '../hash.ts';
import type { DataReply } from '../messages/block.ts';
import type { BlockRef } from '../model.ts';
import type { BlockEntry } from './block-index.ts';
import { isValidId } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';

const MAX_PARTITION = 0xffff_ffff;

/** Checks a block that has arrived, before any I/O: what is wrong with it, or undefined. */
export function malformation(block: BlockRef, body: Body, maxBlockBytes: number): string | undefined {
  const { id, partition, sizeBytes } = block;
  if (!isValidId(id)) return `block.id: found ${JSON.stringify(id)}, accepted are 1 to 128 printable ASCII characters`;
  if (!isPartition(partition)) return `block.partition: found ${partition}, accepted is a whole number from 0`;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > maxBlockBytes) {
    return `block.sizeBytes: found ${sizeBytes}, accepted is 0 to ${maxBlockBytes}`;
  }
  if (body.sizeBytes !== sizeBytes) return `body.sizeBytes: found ${body.sizeBytes}, declared were ${sizeBytes}`;
  if (body.bytes.length > sizeBytes) return `body.bytes: found ${body.bytes.length}, declared were ${sizeBytes}`;
  if (crc32c(body.bytes) !== block.checksum) return `block.checksum: found ${block.checksum}, the body's differs`;
  return undefined;
}

export function isPartition(partition: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition <= MAX_PARTITION;
}

/** Checks that a writer may write here now: the node's lease, then the writer's map. The refusal, or undefined. */
export function fencedOff(service: ServiceCore, partition: number, epoch: number): DataReply | undefined {
  const { lease, fence, log } = service;
  if (!lease.isHeld) return service.refusal('fenced', 'the lease has run out');
  if (!fence.admit(log.index.partition(partition), epoch)) {
    return service.refusal('stale-epoch', `epoch: found ${epoch}, partition ${partition} has moved on`);
  }
  return undefined;
}

/** Is the content that is here the content of `block`, as far as a reference to it tells? */
export function hasBlock(entry: BlockEntry, block: BlockRef): boolean {
  return entry.checksum === block.checksum && entry.sizeBytes === block.sizeBytes;
}

/** Is the content that is here that of `block`, which has arrived with `body`? */
export function hasContent(entry: BlockEntry, block: BlockRef, body: Body): boolean {
  return hasBlock(entry, block) && entry.lengthBytes === body.bytes.length;
}
