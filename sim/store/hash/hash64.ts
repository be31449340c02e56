import { writeUtf8 } from '../hash.ts';
import type { Word64 } from './word64.ts';

/** A 64-bit hash of the first `length` of `bytes`, written to `out`. */
export type Hash64 = (bytes: Uint8Array, length: number, out: Word64) => void;

/** Grows to the longest text hashed so far. */
let scratch = new Uint8Array(4096);

/** Writes the hash of the UTF-8 of `text` to `out`, and returns it. */
export function hashText(text: string, hash: Hash64, out: Word64): Word64 {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 6);
  hash(scratch, writeUtf8(text, scratch), out);
  return out;
}

/** Four bytes from `at` on as a little-endian number. */
export function littleEndian32(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
