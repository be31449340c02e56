/**
 * MD5, for ketama's points: it is fit for nothing that must resist an adversary.
 *
 * Source: R. Rivest, RFC 1321.
 */

/** Constant of each of the 64 steps: the first 32 bits of |sin(step + 1)|. */
const constants = Int32Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 0x100000000));

/** Left rotation of each step: four of a round, over and over. */
const rotations = Int32Array.from(
  { length: 64 },
  (_, step) => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21][(step >> 4) * 4 + (step & 3)] ?? 0,
);

const block = new Int32Array(16);

/** Writes the digest of the first `length` of `bytes` to `digest` as four little-endian words. */
export function md5(bytes: Uint8Array, length: number, digest: Uint32Array): void {
  digest[0] = 0x67452301;
  digest[1] = 0xefcdab89;
  digest[2] = 0x98badcfe;
  digest[3] = 0x10325476;
  // The end mark and the 64-bit length in bits follow the text and fill up the last block.
  const blocks = ((length + 8) >>> 6) + 1;
  for (let index = 0; index < blocks; index++) {
    block.fill(0);
    const start = index * 64;
    const end = Math.min(length, start + 64);
    for (let at = start; at < end; at++) place(at - start, bytes[at] ?? 0);
    if (length >= start && length < start + 64) place(length - start, 0x80);
    if (index === blocks - 1) {
      block[14] = length << 3;
      block[15] = length >>> 29;
    }
    compress(digest);
  }
}

function place(at: number, byte: number): void {
  block[at >> 2] = (block[at >> 2] ?? 0) | (byte << ((at & 3) * 8));
}

function compress(digest: Uint32Array): void {
  let a = (digest[0] ?? 0) | 0;
  let b = (digest[1] ?? 0) | 0;
  let c = (digest[2] ?? 0) | 0;
  let d = (digest[3] ?? 0) | 0;
  for (let step = 0; step < 64; step++) {
    let mixed: number;
    let word: number;
    if (step < 16) {
      mixed = (b & c) | (~b & d);
      word = step;
    } else if (step < 32) {
      mixed = (b & d) | (c & ~d);
      word = (5 * step + 1) & 15;
    } else if (step < 48) {
      mixed = b ^ c ^ d;
      word = (3 * step + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * step) & 15;
    }
    const sum = (a + mixed + (constants[step] ?? 0) + (block[word] ?? 0)) | 0;
    const rotation = rotations[step] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0;
  }
  digest[0] = (digest[0] ?? 0) + a;
  digest[1] = (digest[1] ?? 0) + b;
  digest[2] = (digest[2] ?? 0) + c;
  digest[3] = (digest[3] ?? 0) + d;
}
