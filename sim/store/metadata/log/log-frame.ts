import { crc32c } from '../../hash.ts';

/**
 * The shape of the metadata log and its snapshots on disk: frames, each a header of its own checksum and a
 * checksummed payload.
 *
 * | offset | bytes | field |
 * | --- | --- | --- |
 * | 0 | 4 | length of the payload |
 * | 4 | 4 | CRC-32C of the payload |
 * | 8 | 8 | revision (float64) |
 * | 16 | 4 | CRC-32C of the 16 bytes above |
 *
 * The header has a checksum of its own because a damaged length would otherwise look like a torn tail, and
 * everything after it would be dropped without a word.
 */
const headerBytes = 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface Frame {
  readonly revision: number;
  readonly text: string;
}

/** What was found where a frame should begin. `torn`: the file ends within it, as after a crash. */
export type FrameRead =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly endBytes: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'torn' }
  | { readonly kind: 'corrupt'; readonly why: string };

/** One frame as bytes. */
export function encodeFrame(revision: number, text: string): Uint8Array {
  const payload = encoder.encode(text);
  const bytes = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length);
  view.setUint32(4, crc32c(payload));
  view.setFloat64(8, revision);
  view.setUint32(16, crc32c(bytes.subarray(0, 16)));
  bytes.set(payload, headerBytes);
  return bytes;
}

/** Reads the frame at `offset`. */
export function decodeFrame(bytes: Uint8Array, offset: number): FrameRead {
  const left = bytes.length - offset;
  if (left === 0) return { kind: 'end' };
  if (left < headerBytes) return { kind: 'torn' };
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, headerBytes);
  if (view.getUint32(16) !== crc32c(bytes.subarray(offset, offset + 16))) {
    return { kind: 'corrupt', why: `header at byte ${offset} fails its checksum` };
  }
  const length = view.getUint32(0);
  if (left < headerBytes + length) return { kind: 'torn' };
  const payload = bytes.subarray(offset + headerBytes, offset + headerBytes + length);
  if (view.getUint32(4) !== crc32c(payload)) {
    return { kind: 'corrupt', why: `entry at byte ${offset} fails its checksum` };
  }
  const frame = { revision: view.getFloat64(8), text: decoder.decode(payload) };
  return { kind: 'frame', frame, endBytes: offset + headerBytes + length };
}

/** Several frames, or any byte strings, as one. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
