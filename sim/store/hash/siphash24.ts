import { type Hash64, littleEndian32 } from './hash64.ts';
import { Word64 } from './word64.ts';

const [v0, v1, v2, v3] = [new Word64(), new Word64(), new Word64(), new Word64()];

/**
 * SipHash-2-4 under a key of two words, which this keeps: a hash whose outputs nobody can steer without the key.
 *
 * Source: J.-P. Aumasson, D. Bernstein, "SipHash: a fast short-input PRF" (2012).
 */
export function siphash24(key0: Word64, key1: Word64): Hash64 {
  return (bytes, length, out) => {
    v0.copy(key0).xor(out.set(0x736f6d65, 0x70736575));
    v1.copy(key1).xor(out.set(0x646f7261, 0x6e646f6d));
    v2.copy(key0).xor(out.set(0x6c796765, 0x6e657261));
    v3.copy(key1).xor(out.set(0x74656462, 0x79746573));
    const body = length & ~7;
    for (let i = 0; i < body; i += 8) compress(out.set(littleEndian32(bytes, i + 4), littleEndian32(bytes, i)));
    compress(lastWord(bytes, length, body, out));
    v2.low ^= 0xff;
    for (let i = 0; i < 4; i++) round();
    out.copy(v0).xor(v1).xor(v2).xor(v3);
  };
}

/** The bytes that are left, and the length on top. */
function lastWord(bytes: Uint8Array, length: number, body: number, out: Word64): Word64 {
  out.set(length << 24, 0);
  for (let i = body; i < length; i++) {
    const shift = (i - body) * 8;
    if (shift < 32) out.low |= (bytes[i] ?? 0) << shift;
    else out.high |= (bytes[i] ?? 0) << (shift - 32);
  }
  return out;
}

function compress(word: Word64): void {
  v3.xor(word);
  round();
  round();
  v0.xor(word);
}

function round(): void {
  v0.add(v1.high, v1.low);
  v1.rotateLeft(13).xor(v0);
  v0.rotateLeft(32);
  v2.add(v3.high, v3.low);
  v3.rotateLeft(16).xor(v2);
  v0.add(v3.high, v3.low);
  v3.rotateLeft(21).xor(v0);
  v2.add(v1.high, v1.low);
  v1.rotateLeft(17).xor(v2);
  v2.rotateLeft(32);
}
