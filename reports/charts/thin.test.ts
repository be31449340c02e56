import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binsFor, keepMax, keepMean, keepSum } from './thin.ts';

describe('thinning', () => {
  it('keeps the highest value and the sum, whatever the number of bins', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (series, limit) => {
          const bins = binsFor(series.length, limit);
          expect(bins.count).toBeLessThanOrEqual(limit);
          expect(Math.max(...keepMax(series, bins).map((value) => value ?? -1))).toBe(Math.max(...series));
          expect(keepSum(series, bins).reduce((sum, value) => sum + value, 0)).toBe(
            series.reduce((sum, value) => sum + value, 0),
          );
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it('takes a gap for a gap and not for zero', () => {
    expect(keepMean([null, 4, null, null], binsFor(4, 2))).toEqual([4, null]);
    expect(keepMax([null, 4, null, null], binsFor(4, 2))).toEqual([4, null]);
  });
});
