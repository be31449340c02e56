import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vectors } from '../../hash/testdata/vectors.ts';
import { word64 } from '../../hash/word64.ts';
import { jump } from './jump.ts';
import { jumpBack } from './jump-back.ts';

const rows = z.array(z.object({ key: z.string(), out: z.array(z.number()) }));
const counts = z.array(z.number());
const recorded = vectors(
  'jump.json',
  z.object({
    buckets: counts,
    rows,
    published: z.object({
      go_jump_test: z.record(z.string(), counts),
      guava_golden100: counts,
      golden: z.array(z.tuple([z.string(), z.number(), z.number()])),
    }),
    jumpback: z.object({ rows }),
  }),
);

/** Keys of an even grid over all hashes, far from one another in the sequences of both algorithms. */
const hashes = Array.from({ length: 20_000 }, (_, i) =>
  word64((BigInt(i) * 0xd1342543de82ef95n) & 0xffffffffffffffffn),
);

describe.skipIf(recorded.reason !== '')(`recorded from Guava, go-jump and hash4j${recorded.reason}`, () => {
  it('jump: 200 keys by 28 numbers of buckets', () => {
    const { buckets, rows: expected } = recorded.read();
    for (const { key, out } of expected) {
      expect(
        buckets.map((count) => jump(word64(BigInt(key)), count)),
        key,
      ).toEqual(out);
    }
  });

  it('jump: the tables that the libraries test themselves by', () => {
    const { go_jump_test: goJump, guava_golden100: guava, golden } = recorded.read().published;
    for (const [key, out] of Object.entries(goJump)) {
      expect(out.map((_, i) => jump(word64(BigInt(key)), i + 1))).toEqual(out);
    }
    expect(guava.map((_, key) => jump(word64(BigInt(key)), 100))).toEqual(guava);
    for (const [key, count, bucket] of golden) expect(jump(word64(BigInt(key)), count)).toBe(bucket);
  });

  it('jump-back: 200 keys by 28 numbers of buckets', () => {
    const { buckets, jumpback } = recorded.read();
    for (const { key, out } of jumpback.rows) {
      expect(
        buckets.map((count) => jumpBack(word64(BigInt(key)), count)),
        key,
      ).toEqual(out);
    }
  });
});

describe.each([
  ['jump', jump],
  ['jump-back', jumpBack],
])('%s', (_, bucketOf) => {
  it('moves keys to the newest bucket only, and to it 1 / n of them', () => {
    for (const buckets of [1, 2, 7, 8, 15, 16, 100]) {
      let moved = 0;
      for (const hash of hashes) {
        const [before, after] = [bucketOf(hash, buckets), bucketOf(hash, buckets + 1)];
        if (before === after) continue;
        expect(after).toBe(buckets);
        moved++;
      }
      const mean = hashes.length / (buckets + 1);
      expect(Math.abs(moved - mean)).toBeLessThan(4 * Math.sqrt(mean));
    }
  });
});
