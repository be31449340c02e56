import type { Body } from '../../host.ts';
import { crc32c } from '../hash.ts';
import type { DataReply } from '../messages/block.ts';
import type { BlockRef } from '../model.ts';
import type { BlockEntry } from './block-index.ts';
import { isValidId } from './record-format.ts';
import type { ServiceCore } from './service-core.ts';

const MAX_PARTITION = 0xffff_ffff;

/** Checks a block that has arrived, before any I/O: what is wrong with it, or undefined. */
export function malformation(block: BlockRef, body: Body, epoch: number, maxBlockBytes: number): string | undefined {
  const { id, partition, sizeBytes } = block;
  const place = misplacement(id, partition, epoch);
  if (place !== undefined) return place;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > maxBlockBytes) {
    return `block.sizeBytes: found ${sizeBytes}, accepted is a whole number from 0 to ${maxBlockBytes}`;
  }
  if (body.sizeBytes !== sizeBytes)
    return `body.sizeBytes: found ${body.sizeBytes}, accepted is block.sizeBytes, ${sizeBytes}`;
  if (body.bytes.length > sizeBytes)
    return `body.bytes: found ${body.bytes.length}, accepted are at most block.sizeBytes, ${sizeBytes}`;
  const checksum = crc32c(body.bytes);
  if (checksum === block.checksum) return undefined;
  return `block.checksum: found ${block.checksum}, accepted is the CRC32C of the body that arrived, ${checksum}`;
}

/** Checks what every write names: what is wrong with it, or undefined. */
export function misplacement(id: string, partition: number, epoch: number): string | undefined {
  if (!isValidId(id)) return `id: found ${JSON.stringify(id)}, accepted are 1 to 128 printable ASCII characters`;
  if (!isPartition(partition))
    return `partition: found ${partition}, accepted is a whole number from 0 to ${MAX_PARTITION}`;
  if (!Number.isSafeInteger(epoch) || epoch < 0) return `epoch: found ${epoch}, accepted is a whole number from 0`;
  return undefined;
}

/** What a conflict is told as: the id is here with another content than `block`'s. */
export function conflict(existing: BlockEntry, block: BlockRef): string {
  return `block.id: found ${block.id} with checksum ${block.checksum} and ${block.sizeBytes} bytes, accepted is the content that is here, checksum ${existing.checksum} and ${existing.sizeBytes} bytes`;
}

export function isPartition(partition: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition <= MAX_PARTITION;
}

/** Checks that a writer may write here now: the node's lease, then the writer's map. The refusal, or undefined. */
export function fencedOff(service: ServiceCore, partition: number, epoch: number): DataReply | undefined {
  const { lease, fence, log } = service;
  if (!lease.isHeld) return service.refusal('fenced', 'the lease has run out');
  if (!fence.admit(log.index.partition(partition), epoch)) {
    const oldest = fence.oldest(log.index.partition(partition));
    return service.refusal(
      'stale-epoch',
      `epoch: found ${epoch}, accepted for partition ${partition} is ${oldest} or newer`,
    );
  }
  return undefined;
}

/**
 * A write that is durable is not acknowledged if it took so long that the lease ran out meanwhile, or that the partition was
 * dropped here as of a newer map. The refusal, or undefined.
 */
export function lapse(service: ServiceCore, { id, partition }: BlockEntry, epoch: number): DataReply | undefined {
  const { lease, fence, log } = service;
  if (!lease.isHeld) return service.refusal('fenced', 'the lease has run out meanwhile');
  if (log.index.get(partition, id) !== undefined || fence.oldest(log.index.partition(partition)) <= epoch)
    return undefined;
  return service.refusal(
    'stale-epoch',
    `epoch: found ${epoch}, under a newer one partition ${partition} was dropped here`,
  );
}

/** Tells that a write is durable that was routed by the map of `writerEpoch`. */
export function accepted(service: ServiceCore, entry: BlockEntry, writerEpoch: number): void {
  const { id, partition, generation, checksum } = entry;
  const nodeEpoch = service.fence.known;
  service.health.emit({ kind: 'block-accepted', id, partition, generation, checksum, writerEpoch, nodeEpoch });
}

/** A generation that a block may have. */
export function isGeneration(generation: number): boolean {
  return Number.isInteger(generation) && generation >= 1 && generation < MAX_PARTITION;
}

/** Is the content that is here the content of `block`, as far as a reference to it tells? */
export function hasBlock(entry: BlockEntry, block: BlockRef): boolean {
  return entry.checksum === block.checksum && entry.sizeBytes === block.sizeBytes;
}

/** Is the content that is here that of `block`, which has arrived with `body`? */
export function hasContent(entry: BlockEntry, block: BlockRef, body: Body): boolean {
  return hasBlock(entry, block) && entry.lengthBytes === body.bytes.length;
}
