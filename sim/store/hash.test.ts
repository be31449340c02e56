import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  crc32c,
  hashKey,
  murmur3,
  murmur3Bytes,
  murmur3Word,
  partitionOf,
  partitionOfHash,
  writeUtf8,
} from './hash.ts';
import vectors from './testdata/hashes.json' with { type: 'json' };

const encoder = new TextEncoder();
const bounded = { seed: 1, numRuns: 200 };

/** Any UTF-16, with many surrogates, paired and alone. */
const utf16 = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0xd7f0, max: 0xe00f })), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

describe('UTF-8', () => {
  it('is what TextEncoder writes, lone surrogates included', () => {
    fc.assert(
      fc.property(utf16, (text) => {
        const target = new Uint8Array(text.length * 3);
        const length = writeUtf8(text, target);
        expect(target.subarray(0, length).join()).toBe(encoder.encode(text).join());
      }),
      bounded,
    );
  });
});

describe('MurmurHash3_x86_32', () => {
  it.each(vectors.strings)('of $input', ({ input, murmur3: seed0, murmur3Seed42 }) => {
    expect([murmur3(input), murmur3(input, 42)]).toEqual([seed0, murmur3Seed42]);
    expect(murmur3Bytes(encoder.encode(input))).toBe(seed0);
  });

  it('passes SMHasher’s verification', () => {
    // Keys {0 … i−1} under seed 256 − i, all hashes together hashed again.
    const hashes = new Uint8Array(256 * 4);
    const view = new DataView(hashes.buffer);
    const key = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (let i = 0; i < 256; i++) view.setUint32(i * 4, murmur3Bytes(key, i, 256 - i), true);
    expect(murmur3Bytes(hashes).toString(16).toUpperCase()).toBe(vectors.murmur3Verification);
  });

  it('of a word is that of its four bytes', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(0xffffffff), (word, seed) => {
        const bytes = new Uint8Array(4);
        new DataView(bytes.buffer).setUint32(0, word, true);
        expect(murmur3Word(word, seed)).toBe(murmur3Bytes(bytes, 4, seed));
      }),
      bounded,
    );
  });

  it('hashes UTF-8, wherever the first unit beyond ASCII stands', () => {
    fc.assert(
      fc.property(utf16, fc.string(), fc.nat(0xffffffff), (text, ascii, seed) => {
        for (const each of [text, ascii, ascii + text]) {
          const bytes = encoder.encode(each);
          expect(murmur3(each, seed)).toBe(murmur3Bytes(bytes, bytes.length, seed));
        }
      }),
      bounded,
    );
  });

  it('takes texts longer than any before', () => {
    const text = 'ключ'.repeat(5000);
    expect(murmur3(text)).toBe(murmur3Bytes(encoder.encode(text)));
  });
});

describe('CRC-32C', () => {
  it.each(vectors.strings)('of $input', ({ input, crc32c: expected }) => {
    expect(crc32c(encoder.encode(input))).toBe(expected);
  });

  // RFC 3720, appendix B.4.
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])('RFC 3720: %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('goes on from the checksum of what stands before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
        expect(crc32c(b, crc32c(a))).toBe(crc32c(Uint8Array.from([...a, ...b])));
      }),
      bounded,
    );
  });

  it('sees every flipped bit', () => {
    const bytes = Uint8Array.from({ length: 70 }, (_, i) => (i * 37) & 0xff);
    const seen = new Set([crc32c(bytes)]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      seen.add(crc32c(flipped));
    }
    expect(seen.size).toBe(1 + bytes.length * 8);
  });
});

describe('partitions', () => {
  it('take keys evenly, by the chi-square test', () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) {
      const partition = partitionOf(`photos/2024/IMG_${i}.jpg`, 64);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + ((count - 1000) * (count - 1000)) / 1000, 0);
    // 99.9th percentile of χ² with 63 degrees of freedom.
    expect(chiSquare).toBeLessThan(103.4);
  });

  it('are the same from the key and from its hash, and within range', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 100_000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(partition).toBe(partitionOfHash(hashKey(key), partitions));
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      }),
      bounded,
    );
  });
});
