import { crc32c } from '../hash.ts';
import type { GatewayRequest } from '../messages/gateway.ts';
import type { BlockRef } from '../model.ts';

export interface TestBlock {
  readonly ref: BlockRef;
  readonly bytes: Uint8Array;
}

/** Bytes that follow from a name. */
export function bytesOf(name: string, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let state = crc32c(Buffer.from(name));
  for (let i = 0; i < lengthBytes; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function testBlock(id = 'b1', lengthBytes = 40, partition = 0): TestBlock {
  const bytes = bytesOf(id, lengthBytes);
  return { ref: { id, partition, sizeBytes: lengthBytes, checksum: crc32c(bytes) }, bytes };
}

export function getRequest({ ref }: TestBlock): Extract<GatewayRequest, { kind: 'gateway.get' }> {
  return { kind: 'gateway.get', key: 'k', block: ref, epoch: 0 };
}

export function putRequest({ ref, bytes }: TestBlock): Extract<GatewayRequest, { kind: 'gateway.put' }> {
  return { kind: 'gateway.put', key: 'k', block: ref, epoch: 0, body: { sizeBytes: ref.sizeBytes, bytes } };
}
