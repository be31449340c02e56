import { type Hash64, littleEndian32 } from './hash64.ts';
import { Word64 } from './word64.ts';

const prime1 = new Word64(0x9e3779b1, 0x85ebca87);
const prime2 = new Word64(0xc2b2ae3d, 0x27d4eb4f);
const prime3 = new Word64(0x165667b1, 0x9e3779f9);
const prime4 = new Word64(0x85ebca77, 0xc2b2ae63);
const prime5 = new Word64(0x27d4eb2f, 0x165667c5);

const lanes = [new Word64(), new Word64(), new Word64(), new Word64()] as const;
const laneTurns = [1, 7, 12, 18] as const;
const word = new Word64();

/**
 * XXH64 under a seed of 32 bits.
 *
 * Source: Y. Collet, xxHash, `doc/xxhash_spec.md`.
 */
export function xxh64(seed = 0): Hash64 {
  return (bytes, length, out) => {
    const end = length & ~31;
    if (end === 0) out.set(0, seed).add(prime5.high, prime5.low);
    else mergeLanes(bytes, end, seed, out);
    out.add(0, length);
    let at = end;
    for (; at + 8 <= length; at += 8) {
      mixLane(word.set(0, 0), bytes, at);
      times(out.xor(word).rotateLeft(27), prime1).add(prime4.high, prime4.low);
    }
    if (at + 4 <= length) {
      out.xor(times(word.set(0, littleEndian32(bytes, at)), prime1)).rotateLeft(23);
      times(out, prime2).add(prime3.high, prime3.low);
      at += 4;
    }
    for (; at < length; at++) times(out.xor(times(word.set(0, bytes[at] ?? 0), prime5)).rotateLeft(11), prime1);
    avalanche(out);
  };
}

function mergeLanes(bytes: Uint8Array, end: number, seed: number, out: Word64): void {
  const [a, b, c, d] = lanes;
  a.set(0, seed).add(prime1.high, prime1.low).add(prime2.high, prime2.low);
  b.set(0, seed).add(prime2.high, prime2.low);
  c.set(0, seed);
  d.set(0, seed).subtract(prime1.high, prime1.low);
  for (let at = 0; at < end; at += 32) {
    for (let lane = 0; lane < 4; lane++) mixLane(lanes[lane] ?? a, bytes, at + lane * 8);
  }
  out.set(0, 0);
  for (let lane = 0; lane < 4; lane++) {
    word.copy(lanes[lane] ?? a).rotateLeft(laneTurns[lane] ?? 0);
    out.add(word.high, word.low);
  }
  for (const lane of lanes) {
    times(times(lane, prime2).rotateLeft(31), prime1);
    times(out.xor(lane), prime1).add(prime4.high, prime4.low);
  }
}

const input = new Word64();

function mixLane(lane: Word64, bytes: Uint8Array, at: number): void {
  times(input.set(littleEndian32(bytes, at + 4), littleEndian32(bytes, at)), prime2);
  times(lane.add(input.high, input.low).rotateLeft(31), prime1);
}

function avalanche(out: Word64): void {
  out.low ^= out.high >>> 1;
  times(out, prime2).xorShiftRight(29);
  times(out, prime3);
  out.low ^= out.high;
}

function times(value: Word64, factor: Word64): Word64 {
  return value.multiply(factor.high, factor.low);
}
