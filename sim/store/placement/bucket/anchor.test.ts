import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { splitMix64 } from '../../hash/splitmix64.ts';
import { vectors } from '../../hash/testdata/vectors.ts';
import { Word64, word64 } from '../../hash/word64.ts';
import { Anchor, CrcDraws } from './anchor.ts';
import type { Draws } from './draws.ts';

const recorded = vectors(
  'anchorhash.json',
  z.object({
    keys: z.array(z.tuple([z.string(), z.string()])),
    cases: z.array(
      z.object({
        anchor_a: z.number(),
        working_w: z.number(),
        variant_minimal_memory: z.array(
          z.object({ op: z.enum(['init', 'add', 'remove']), bucket: z.number(), buckets: z.array(z.number()) }),
        ),
      }),
    ),
  }),
);

describe.skipIf(recorded.reason !== '')(`recorded from the authors’ cpp-anchorhash${recorded.reason}`, () => {
  it('200 keys after each of 40 joins and leaves', () => {
    const { keys, cases } = recorded.read();
    const draws = new CrcDraws();
    for (const { anchor_a: capacity, working_w: working, variant_minimal_memory: steps } of cases) {
      const anchor = new Anchor(capacity, working);
      for (const { op, bucket, buckets } of steps) {
        if (op === 'add') expect(anchor.add()).toBe(bucket);
        if (op === 'remove') anchor.remove(bucket);
        const found = keys.map(([a, b]) => anchor.bucketOf(draws.key(word64(BigInt(a)), word64(BigInt(b)))));
        expect(found, `${capacity} ${op} ${bucket}`).toEqual(buckets);
      }
    }
  });
});

describe('anchor', () => {
  const draws = new CrcDraws();
  const state = new Word64();
  const keys = Array.from({ length: 2000 }, (_, i) => {
    const pair = [new Word64(), new Word64()] as const;
    state.set(i, 0);
    for (const word of pair) splitMix64(state, word);
    return pair;
  });
  const owners = (anchor: Anchor) => keys.map(([a, b]) => anchor.bucketOf(draws.key(a, b)));

  it('moves keys of the removed bucket only, and gives them back as it returns', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(19), { minLength: 1, maxLength: 19, size: 'max' }), (removals) => {
        const anchor = new Anchor(32, 20);
        const history = [owners(anchor)];
        for (const bucket of removals) {
          anchor.remove(bucket);
          const before = history.at(-1) ?? [];
          const after = owners(anchor);
          expect(after.filter((owner, key) => before[key] !== bucket && owner !== before[key])).toEqual([]);
          expect(after).not.toContain(bucket);
          history.push(after);
        }
        for (const bucket of [...removals].reverse()) {
          history.pop();
          expect(anchor.add()).toBe(bucket);
          expect(owners(anchor)).toEqual(history.at(-1));
        }
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  /** Ratio of the expected hashes of a look-up to 1 + ln(a / w): G. Mendelson et al. (2020), theorem on its time. */
  it.each([
    [1000, 900, 1.105],
    [1000, 500, 1.693],
    [1000, 100, 3.303],
    [1000, 10, 5.605],
  ])('takes 1 + ln(%i / %i) = %f hashes in the mean', (capacity, working, expected) => {
    const anchor = new Anchor(capacity, capacity);
    const order = Array.from({ length: capacity }, (_, i) => i).sort((a, b) => ((a * 617) % 1009) - ((b * 617) % 1009));
    for (const bucket of order.slice(working)) anchor.remove(bucket);
    let hashes = 0;
    const counted: Draws = {
      first(bound) {
        hashes++;
        return draws.first(bound);
      },
      again(bucket, bound) {
        hashes++;
        return draws.again(bucket, bound);
      },
    };
    for (const [a, b] of keys) {
      draws.key(a, b);
      anchor.bucketOf(counted);
    }
    // A standard deviation of √(ln(a / w)) a key at most.
    expect(Math.abs(hashes / keys.length - expected)).toBeLessThan(4 * Math.sqrt(expected / keys.length));
  });

  it('refuses to remove what does not work, or the last that does, and to add beyond its capacity', () => {
    const anchor = new Anchor(3, 2);
    expect(() => anchor.remove(2)).toThrow(RangeError);
    expect(() => anchor.remove(7)).toThrow('bucket: found 7');
    anchor.remove(0);
    expect(() => anchor.remove(1)).toThrow(RangeError);
    expect([anchor.add(), anchor.add()]).toEqual([0, 2]);
    expect(() => anchor.add()).toThrow('add: found 3 buckets, accepted: fewer');
  });
});
