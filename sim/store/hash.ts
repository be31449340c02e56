/**
 * The hash functions of the store: which partition a key belongs to, where a name stands on a ring, and
 * the checksum of a block. All return unsigned 32-bit numbers and allocate nothing per call.
 */

/** Grows to the longest text hashed so far. */
let scratch = new Uint8Array(4096);

/**
 * Writes `text` as UTF-8 to the start of `target` and returns the number of bytes. A lone surrogate becomes
 * U+FFFD, as with TextEncoder. `target` must hold three bytes a UTF-16 unit.
 */
export function writeUtf8(text: string, target: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      target[length++] = unit;
      continue;
    }
    if (unit < 0x800) {
      target[length++] = 0xc0 | (unit >> 6);
      target[length++] = 0x80 | (unit & 0x3f);
      continue;
    }
    let point = unit;
    if ((unit & 0xf800) === 0xd800) {
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (unit < 0xdc00 && (next & 0xfc00) === 0xdc00) {
        point = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
        i++;
      } else {
        point = 0xfffd;
      }
    }
    if (point < 0x10000) {
      target[length++] = 0xe0 | (point >> 12);
    } else {
      target[length++] = 0xf0 | (point >> 18);
      target[length++] = 0x80 | ((point >> 12) & 0x3f);
    }
    target[length++] = 0x80 | ((point >> 6) & 0x3f);
    target[length++] = 0x80 | (point & 0x3f);
  }
  return length;
}

/**
 * MurmurHash3_x86_32 of the UTF-8 of `text`.
 *
 * Source: A. Appleby, SMHasher, `MurmurHash3.cpp`.
 */
export function murmur3(text: string, seed = 0): number {
  const length = text.length;
  const body = length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < body; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    if ((a | b | c | d) > 0x7f) return murmur3Utf8(text, seed);
    hash = mixIn(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (let i = length - 1; i >= body; i--) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return murmur3Utf8(text, seed);
    tail = (tail << 8) | unit;
  }
  return avalanche(hash ^ scramble(tail) ^ length);
}

/** The same by way of the bytes: keys are nearly always ASCII, whose units are their own UTF-8 and hash twice as fast. */
function murmur3Utf8(text: string, seed: number): number {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 6);
  return murmur3Bytes(scratch, writeUtf8(text, scratch), seed);
}

/** MurmurHash3_x86_32 of the first `length` of `bytes`. */
export function murmur3Bytes(bytes: Uint8Array, length = bytes.length, seed = 0): number {
  const body = length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < body; i += 4) {
    hash = mixIn(
      hash,
      byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8) | (byteAt(bytes, i + 2) << 16) | (byteAt(bytes, i + 3) << 24),
    );
  }
  let tail = 0;
  for (let i = length - 1; i >= body; i--) tail = (tail << 8) | byteAt(bytes, i);
  return avalanche(hash ^ scramble(tail) ^ length);
}

/** MurmurHash3_x86_32 of the four little-endian bytes of `word`: the hash for pairs of numbers, one as seed. */
export function murmur3Word(word: number, seed: number): number {
  return avalanche(mixIn(seed | 0, word | 0) ^ 4);
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function mixIn(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function avalanche(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

/** The hash of an object's key, the same on every node: its partition and its point on a gateway's ring come from it. */
export function hashKey(key: string): number {
  return murmur3(key);
}

/** The partition of `key`, 0 to `partitionCount` − 1. `partitionCount` is a whole number, 1 or more. */
export function partitionOf(key: string, partitionCount: number): number {
  return partitionOfHash(hashKey(key), partitionCount);
}

/**
 * The partition of a key whose `hashKey` is known. It is the remainder, so that it comes from the low bits:
 * a ring orders keys by the high bits, and the keys of one partition must not stand side by side on it.
 */
export function partitionOfHash(keyHash: number, partitionCount: number): number {
  return keyHash % partitionCount;
}

/** The reflected Castagnoli polynomial 0x1EDC6F41. */
const castagnoli = 0x82f63b78;

/** Eight tables of 256: table k advances a byte's remainder by k further zero bytes. */
const slices = sliceTables();

function sliceTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? castagnoli : 0);
    tables[byte] = remainder;
  }
  for (let at = 256; at < tables.length; at++) {
    const shorter = slice(tables, at - 256);
    tables[at] = slice(tables, shorter & 0xff) ^ (shorter >>> 8);
  }
  return tables;
}

function slice(tables: Int32Array, at: number): number {
  return tables[at] ?? 0;
}

/**
 * CRC-32C of `bytes`, continued from `seed`, the checksum of what stands before them: `crc32c(b, crc32c(a))` is
 * the checksum of a and b together.
 *
 * Source: RFC 3720, appendix B.4 (iSCSI); eight bytes a step after Kounavis and Berry, "Novel table
 * lookup-based algorithms for high-performance CRC generation" (2008).
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const length = bytes.length;
  const body = length & ~7;
  let crc = ~seed;
  for (let i = 0; i < body; i += 8) {
    crc ^= byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8) | (byteAt(bytes, i + 2) << 16) | (byteAt(bytes, i + 3) << 24);
    crc =
      slice(slices, 0x700 | (crc & 0xff)) ^
      slice(slices, 0x600 | ((crc >>> 8) & 0xff)) ^
      slice(slices, 0x500 | ((crc >>> 16) & 0xff)) ^
      slice(slices, 0x400 | (crc >>> 24)) ^
      slice(slices, 0x300 | byteAt(bytes, i + 4)) ^
      slice(slices, 0x200 | byteAt(bytes, i + 5)) ^
      slice(slices, 0x100 | byteAt(bytes, i + 6)) ^
      slice(slices, byteAt(bytes, i + 7));
  }
  for (let i = body; i < length; i++) crc = slice(slices, (crc ^ byteAt(bytes, i)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * One step of the processor's CRC-32C instruction on a word of 64 bits in two halves: `register` goes in and comes out
 * without the inversions of a checksum, a fast hash of two numbers.
 *
 * Source: Intel SSE4.2, `crc32q`.
 */
export function crc32cWord(high: number, low: number, register: number): number {
  const crc = register ^ low;
  return (
    (slice(slices, 0x700 | (crc & 0xff)) ^
      slice(slices, 0x600 | ((crc >>> 8) & 0xff)) ^
      slice(slices, 0x500 | ((crc >>> 16) & 0xff)) ^
      slice(slices, 0x400 | (crc >>> 24)) ^
      slice(slices, 0x300 | (high & 0xff)) ^
      slice(slices, 0x200 | ((high >>> 8) & 0xff)) ^
      slice(slices, 0x100 | ((high >>> 16) & 0xff)) ^
      slice(slices, high >>> 24)) >>>
    0
  );
}
