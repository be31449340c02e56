import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hashText } from '../../hash/hash64.ts';
import { vectors } from '../../hash/testdata/vectors.ts';
import { Word64, word64 } from '../../hash/word64.ts';
import { xxh64 } from '../../hash/xxh64.ts';
import { crc32cWord } from '../../hash.ts';
import { Memento } from './memento.ts';

const recorded = vectors(
  'mementohash.json',
  z.object({
    cases: z.array(
      z.object({
        initial: z.number(),
        steps: z.array(
          z.object({
            op: z.enum(['init', 'add', 'remove']),
            bucket: z.number(),
            size: z.number(),
            xxh64: z.array(z.number()),
            crc32c: z.array(z.number()),
          }),
        ),
      }),
    ),
  }),
);

const out = new Word64();

function byXxh64(memento: Memento, i: number): number {
  const text = `key-${i}`;
  return memento.bucketOf(hashText(text, xxh64(), new Word64()), (_, bucket, bound) => {
    return hashText(text, xxh64(bucket), out).modulo(bound);
  });
}

function byCrc32c(memento: Memento, i: number): number {
  const key = word64((BigInt(i) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn);
  const hash = new Word64(0, crc32cWord(key.high, key.low, i));
  return memento.bucketOf(hash, (_, bucket, bound) => crc32cWord(key.high, key.low, bucket) % bound);
}

describe.skipIf(recorded.reason !== '')(`recorded from the authors’ C++${recorded.reason}`, () => {
  it('200 keys under two hash functions after each of 22 joins and leaves', () => {
    for (const { initial, steps } of recorded.read().cases) {
      const memento = new Memento(initial);
      for (const step of steps) {
        if (step.op === 'add') expect(memento.add()).toBe(step.bucket);
        if (step.op === 'remove') memento.remove(step.bucket);
        expect(memento.size).toBe(step.size);
        const about = `${initial} ${step.op} ${step.bucket}`;
        expect(
          step.xxh64.map((_, i) => byXxh64(memento, i)),
          about,
        ).toEqual(step.xxh64);
        expect(
          step.crc32c.map((_, i) => byCrc32c(memento, i)),
          about,
        ).toEqual(step.crc32c);
      }
    }
  });
});

describe('memento', () => {
  const owners = (memento: Memento) => Array.from({ length: 500 }, (_, i) => byCrc32c(memento, i));

  it('moves keys of the removed bucket only, and gives them back as it returns', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(19), { minLength: 1, maxLength: 19, size: 'max' }), (removals) => {
        const memento = new Memento(20);
        const history = [owners(memento)];
        for (const bucket of removals) {
          memento.remove(bucket);
          const before = history.at(-1) ?? [];
          const after = owners(memento);
          expect(after.filter((owner, key) => before[key] !== bucket && owner !== before[key])).toEqual([]);
          expect(after).not.toContain(bucket);
          history.push(after);
        }
        for (const bucket of [...removals].reverse()) {
          history.pop();
          expect(memento.add()).toBe(bucket);
          expect(owners(memento)).toEqual(history.at(-1));
        }
      }),
      { seed: 1, numRuns: 15 },
    );
  });

  it('refuses to remove what does not work, or the last that does', () => {
    const memento = new Memento(2);
    for (const bucket of [-1, 2, Number.NaN]) expect(() => memento.remove(bucket)).toThrow(RangeError);
    memento.remove(0);
    expect(() => memento.remove(0)).toThrow('bucket: found 0');
    expect(() => memento.remove(1)).toThrow(RangeError);
  });
});
