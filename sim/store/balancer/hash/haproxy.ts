import { writeUtf8 } from '../../hash.ts';
import { crc32 } from './crc32.ts';

/**
 * The hash functions of HAProxy's `hash-type`: all unsigned 32-bit numbers.
 *
 * Source: HAProxy 2.6, `src/hash.c` and `full_hash` in `include/haproxy/intops.h`.
 */
export const haproxyHashes = {
  sdbm: (key: string) => overBytes(key, 0, (hash, byte) => byte + (hash << 6) + (hash << 16) - hash),
  djb2: (key: string) => overBytes(key, 5381, (hash, byte) => (hash << 5) + hash + byte),
  wt6,
  crc32,
} as const;

let scratch = new Uint8Array(4096);

function overBytes(key: string, start: number, step: (hash: number, byte: number) => number): number {
  const length = bytesOf(key);
  let hash = start;
  for (let at = 0; at < length; at++) hash = step(hash, scratch[at] ?? 0) | 0;
  return hash >>> 0;
}

function bytesOf(key: string): number {
  if (scratch.length < key.length * 3) scratch = new Uint8Array(key.length * 6);
  return writeUtf8(key, scratch);
}

/** W. Tarreau's own: two registers that rotate by what they hold. */
function wt6(key: string): number {
  const length = bytesOf(key);
  let a = 0xa53c965a | 0;
  let b = 0x5ca6953a | 0;
  let left = 6;
  let right = 18;
  for (let at = 0; at < length; at++) {
    const byte = scratch[at] ?? 0;
    a = ~(a ^ byte);
    b = ~(b + byte);
    const turned = (b << left) | (b >>> (32 - left));
    b = (a << right) | (a >>> (32 - right));
    a = turned;
    const steps = ((a >>> 16) ^ b) & 0xffff;
    left = steps & 31;
    right = steps >>> 11;
  }
  return (a ^ b) >>> 0;
}

/** R. Jenkins' integer hash of six shifts, times a prime near 3/4 of 2^32: HAProxy's `avalanche`. */
export function fullHash(value: number): number {
  let a = value | 0;
  a = (a + 0x7ed55d16 + (a << 12)) | 0;
  a = a ^ 0xc761c23c ^ (a >>> 19);
  a = (a + 0x165667b1 + (a << 5)) | 0;
  a = ((a + 0xd3a2646c) | 0) ^ (a << 9);
  a = (a + 0xfd7046c5 + (a << 3)) | 0;
  a = a ^ 0xb55a4f09 ^ (a >>> 16);
  return Math.imul(a, 3221225473) >>> 0;
}
