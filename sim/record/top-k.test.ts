import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopK } from './top-k.ts';

/** Few items, skewed: the square of a uniform draw. */
const item = fc.integer({ min: 0, max: 39 }).map((n) => `key-${Math.floor((n * n) / 40)}`);
const stream = fc.array(fc.tuple(item, fc.integer({ min: 1, max: 9 })), { maxLength: 400 });

function exactWeights(items: readonly (readonly [string, number])[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const [key, weight] of items) weights.set(key, (weights.get(key) ?? 0) + weight);
  return weights;
}

describe('TopK', () => {
  it('keeps the bounds of the paper on any weighted stream', () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 12 }), (items, capacity) => {
        const topK = new TopK(capacity);
        for (const [key, weight] of items) topK.add(key, weight);
        const exact = exactWeights(items);
        const bound = topK.total / capacity;
        const found = topK.top(capacity);
        for (const { key, weight, error } of found) {
          const truth = exact.get(key) ?? 0;
          expect(weight).toBeGreaterThanOrEqual(truth);
          expect(weight - error).toBeLessThanOrEqual(truth);
          expect(error).toBeLessThanOrEqual(bound);
        }
        for (const [key, truth] of exact) {
          expect(topK.estimate(key)).toBeGreaterThanOrEqual(truth);
          expect(topK.guaranteed(key)).toBeLessThanOrEqual(truth);
          if (truth > bound) expect(found.map((heavy) => heavy.key)).toContain(key);
        }
        expect(found.reduce((sum, heavy) => sum + heavy.weight, 0)).toBe(topK.total);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is exact while every item has a counter', () => {
    fc.assert(
      fc.property(stream, (items) => {
        const topK = new TopK(64);
        for (const [key, weight] of items) topK.add(key, weight);
        const expected = [...exactWeights(items)].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 5);
        expect(topK.top(5)).toEqual(expected.map(([key, weight]) => ({ key, weight, error: 0 })));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('finds the heavy few among a hundred thousand that come once', () => {
    const topK = new TopK(32);
    for (let i = 0; i < 100_000; i++) {
      topK.add(`rare-${i}`);
      if (i % 10 === 0) topK.add('tenth');
      if (i % 20 === 0) topK.add('twentieth');
    }
    expect(topK.size).toBe(32);
    expect(topK.top(2).map(({ key }) => key)).toEqual(['tenth', 'twentieth']);
    expect(topK.top(1)[0]?.weight).toBeLessThanOrEqual(10_000 + topK.total / 32);
  });

  it('starts anew after clear', () => {
    const topK = new TopK(2);
    for (const key of ['a', 'b', 'c', 'a']) topK.add(key);
    topK.clear();
    topK.add('d', 3);
    expect(topK.top(2)).toEqual([{ key: 'd', weight: 3, error: 0 }]);
    expect(topK.total).toBe(3);
    expect(topK.estimate('a')).toBe(0);
  });

  it('refuses to keep nothing', () => {
    expect(() => new TopK(0)).toThrow('capacity is 0');
  });
});
