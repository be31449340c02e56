import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenness } from './evenness.ts';

const equal = (...loads: number[]) => loads.map((load) => ({ load, weight: 1 }));

describe('evenness', () => {
  it('is perfect where load follows weight', () => {
    const result = evenness([
      { load: 10, weight: 1 },
      { load: 30, weight: 3 },
    ]);
    expect(result).toEqual({ peakToMean: 1, cov: 0, jain: 1, gini: 0 });
  });

  it('is worst where one of n carries all', () => {
    const result = evenness(equal(0, 0, 0, 8));
    expect(result?.peakToMean).toBe(4);
    expect(result?.cov).toBeCloseTo(Math.sqrt(3));
    expect(result?.jain).toBeCloseTo(1 / 4);
    expect(result?.gini).toBeCloseTo(3 / 4);
  });

  it('takes a node of weight 2 for two nodes with half its load each', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 9 }), (loads) => {
        const [first = 1, ...rest] = loads;
        const whole = evenness([{ load: 2 * first, weight: 2 }, ...equal(...rest)]);
        const halves = evenness(equal(first, first, ...rest));
        for (const measure of ['peakToMean', 'cov', 'jain', 'gini'] as const) {
          expect(whole?.[measure]).toBeCloseTo(halves?.[measure] ?? Number.NaN);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('agrees with the definition of Gini by pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 9 }), (loads) => {
        const sum = loads.reduce((a, b) => a + b, 0);
        let differences = 0;
        for (const a of loads) for (const b of loads) differences += Math.abs(a - b);
        expect(evenness(equal(...loads))?.gini).toBeCloseTo(differences / (2 * loads.length * sum));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('is nothing without load or nodes', () => {
    expect(evenness([])).toBeNull();
    expect(evenness(equal(0, 0))).toBeNull();
  });
});
