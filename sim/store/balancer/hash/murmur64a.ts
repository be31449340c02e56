import { type Hash64, littleEndian32 } from '../../hash/hash64.ts';
import { Word64 } from '../../hash/word64.ts';

const multiplierHigh = 0xc6a4a793;
const multiplierLow = 0x5bd1e995;
const word = new Word64();

/**
 * MurmurHash64A (the second generation, for 64-bit machines) under a seed below 2^32.
 *
 * Source: A. Appleby, SMHasher, `MurmurHash2.cpp`.
 */
export function murmur64A(seed: number): Hash64 {
  return (bytes, length, out) => {
    out.set(0, length).multiply(multiplierHigh, multiplierLow);
    out.low ^= seed;
    const body = length & ~7;
    for (let at = 0; at < body; at += 8) {
      word.set(littleEndian32(bytes, at + 4), littleEndian32(bytes, at)).multiply(multiplierHigh, multiplierLow);
      out.xor(fold(word).multiply(multiplierHigh, multiplierLow)).multiply(multiplierHigh, multiplierLow);
    }
    if (length > body) {
      word.set(0, 0);
      for (let at = length - 1; at >= body; at--) {
        word.set((word.high << 8) | (word.low >>> 24), (word.low << 8) | (bytes[at] ?? 0));
      }
      out.xor(word).multiply(multiplierHigh, multiplierLow);
    }
    fold(fold(out).multiply(multiplierHigh, multiplierLow));
  };
}

/** x ^= x >> 47. */
function fold(value: Word64): Word64 {
  value.low ^= value.high >>> 15;
  return value;
}
