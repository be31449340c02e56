import type { ByteRange } from '../messages/block.ts';

/** The part of a body that answers a range. */
export interface BodySlice {
  /** Declared bytes of the slice: the range, cut at the end of the block as HTTP does. */
  readonly sizeBytes: number;
  /** Real bytes, as offsets: `start` included, `end` excluded. */
  readonly start: number;
  readonly end: number;
}

/** True for whole numbers, start 0 or more and length 1 or more. */
export function isValidRange(range: ByteRange): boolean {
  const { startBytes, lengthBytes } = range;
  return Number.isSafeInteger(startBytes) && startBytes >= 0 && Number.isSafeInteger(lengthBytes) && lengthBytes > 0;
}

/**
 * Maps a range of the declared size to the real bytes, which may be fewer: in proportion, rounded down at both ends.
 * So ranges that tile the declared size tile the real bytes, no range has more real bytes than declared ones, and with
 * a full-length body it is the range itself. Undefined if the range begins at or beyond the end.
 */
export function sliceOf(range: ByteRange, sizeBytes: number, lengthBytes: number): BodySlice | undefined {
  const { startBytes } = range;
  if (startBytes >= sizeBytes) return undefined;
  const endBytes = Math.min(startBytes + range.lengthBytes, sizeBytes);
  return {
    sizeBytes: endBytes - startBytes,
    start: scaled(startBytes, sizeBytes, lengthBytes),
    end: scaled(endBytes, sizeBytes, lengthBytes),
  };
}

function scaled(at: number, sizeBytes: number, lengthBytes: number): number {
  if (at === sizeBytes) return lengthBytes;
  // Exact where nothing is scaled, whatever the size.
  return lengthBytes === sizeBytes ? at : Math.floor((at * lengthBytes) / sizeBytes);
}
