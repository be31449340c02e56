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
  /** CRC-32C of the text. */
  readonly checksum: number;
}

/** What was found where a frame should begin. `torn`: the file ends within it, as after a crash. */
export type FrameRead =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly endBytes: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'torn' }
  | { readonly kind: 'corrupt'; readonly why: string };

/** Writes frames one behind the other, into a buffer that is used again. */
export class FrameWriter {
  #bytes = new Uint8Array(4_096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** @returns the CRC-32C of the text. */
  add(revision: number, text: string): number {
    const header = this.#length;
    const start = header + headerBytes;
    this.#reserve(start + 3 * text.length);
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(start));
    const checksum = crc32c(this.#bytes.subarray(start, start + written));
    const view = this.#view;
    view.setUint32(header, written);
    view.setUint32(header + 4, checksum);
    view.setFloat64(header + 8, revision);
    view.setUint32(header + 16, crc32c(this.#bytes.subarray(header, header + 16)));
    this.#length = start + written;
    return checksum;
  }

  /** What was written since the last time. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const before = this.#bytes;
    this.#bytes = new Uint8Array(2 * length);
    this.#bytes.set(before);
    this.#view = new DataView(this.#bytes.buffer);
  }
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
  const frame = { revision: view.getFloat64(8), text: decoder.decode(payload), checksum: view.getUint32(4) };
  return { kind: 'frame', frame, endBytes: offset + headerBytes + length };
}
