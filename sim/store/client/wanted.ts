import type { Body } from '../../host.ts';
import type { ByteRange } from '../messages/block.ts';
import type { BlockRef, ObjectVersion } from '../model.ts';

/** What is fetched: blocks, and by position the part of each that is wanted, undefined for all of it. */
export interface Wanted {
  readonly blocks: readonly BlockRef[];
  readonly ranges: readonly (ByteRange | undefined)[];
}

/** What of an object lies within a range that begins in it. */
export function within(version: ObjectVersion, { startBytes, lengthBytes }: ByteRange): Wanted {
  const endBytes = Math.min(version.sizeBytes, startBytes + lengthBytes);
  const blocks: BlockRef[] = [];
  const ranges: (ByteRange | undefined)[] = [];
  let blockStart = 0;
  for (const block of version.blocks) {
    const from = Math.max(startBytes, blockStart);
    const to = Math.min(endBytes, blockStart + block.sizeBytes);
    if (from < to) {
      const whole = to - from === block.sizeBytes;
      blocks.push(block);
      ranges.push(whole ? undefined : { startBytes: from - blockStart, lengthBytes: to - from });
    }
    blockStart += block.sizeBytes;
  }
  return { blocks, ranges };
}

/** Parts put together, in order. */
export function joined(parts: readonly (Body | undefined)[]): Body {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  let sizeBytes = 0;
  let lengthBytes = 0;
  for (const part of parts) {
    sizeBytes += part?.sizeBytes ?? 0;
    lengthBytes += part?.bytes.length ?? 0;
  }
  const bytes = new Uint8Array(lengthBytes);
  let at = 0;
  for (const part of parts) {
    if (part === undefined) continue;
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return { sizeBytes, bytes };
}
