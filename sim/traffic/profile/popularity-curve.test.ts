import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsOf, fitCurve } from './popularity-curve.ts';

const sum = (counts: Iterable<number>) => [...counts].reduce((a, b) => a + b, 0);

describe('a popularity curve', () => {
  const manyCounts = fc
    .array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 10_000 })), {
      minLength: 1,
      maxLength: 400,
    })
    .map((counts) => counts.sort((a, b) => b - a));

  it('keeps the number of keys, the sum, the share of the top k at kept ranks, and who was met once', () => {
    fc.assert(
      fc.property(manyCounts, (counts) => {
        const curve = fitCurve(counts);
        const again = countsOf(curve);
        expect(again).toHaveLength(counts.length);
        curve.ranks.forEach((rank) => {
          expect(sum(again.slice(0, rank))).toBe(sum(counts.slice(0, rank)));
        });
        expect(Math.min(...again)).toBeGreaterThanOrEqual(1);
        expect(again.filter((count) => count === 1)).toHaveLength(counts.filter((count) => count === 1).length);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is small, and near every count of a Zipf law', () => {
    const counts = Array.from({ length: 100_000 }, (_, i) => Math.max(1, Math.round(50_000 / (i + 1))));
    const curve = fitCurve(counts);
    expect(curve.ranks.length).toBeLessThan(70);
    countsOf(curve).forEach((count, i) => {
      expect(Math.abs(count - (counts[i] ?? 0))).toBeLessThanOrEqual(1 + 0.03 * (counts[i] ?? 0));
    });
  });
});
