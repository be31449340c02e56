import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Permutation } from './permutation.ts';

describe('a permutation', () => {
  it('maps [0, count) onto itself, one to one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (count, seed) => {
        const permutation = new Permutation(count, seed);
        const images = new Set(Array.from({ length: count }, (_, i) => permutation.at(i)));
        expect(images.size).toBe(count);
        expect(Math.max(...images)).toBe(count - 1);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('spreads the first over the whole range, another way for another seed', () => {
    const first = (seed: number) => Array.from({ length: 100 }, (_, i) => new Permutation(1_000_000, seed).at(i));
    const mean = first(1).reduce((a, b) => a + b, 0) / 100;
    expect(Math.abs(mean - 500_000)).toBeLessThan(120_000);
    expect(first(1)).not.toEqual(first(2));
  });
});
