import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, it } from 'vitest';
import { bcaInterval } from './bootstrap.ts';
import { meanWithInterval, pairedDifference } from './paired.ts';
import { t975 } from './student.ts';

const values = fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }), { minLength: 2, maxLength: 30 });

describe('Student quantile', () => {
  it('matches published values and meets the normal quantile', () => {
    expect(t975(1)).toBeCloseTo(12.706, 3);
    expect(t975(9)).toBeCloseTo(2.262, 3);
    expect(t975(40)).toBeCloseTo(2.021, 3);
    expect(t975(120)).toBeCloseTo(1.98, 2);
    expect(() => t975(0)).toThrow('degrees of freedom');
  });
});

describe('mean with interval', () => {
  it('agrees with the textbook formula for few values', () => {
    const sample = [4.1, 5.2, 3.9, 4.8, 5.5];
    const { value, low, high } = meanWithInterval(sample);
    const half = (2.776 * sampleStandardDeviation(sample)) / Math.sqrt(5);
    expect(value).toBeCloseTo(mean(sample), 12);
    expect(low).toBeCloseTo(mean(sample) - half, 9);
    expect(high).toBeCloseTo(mean(sample) + half, 9);
  });

  it('has no interval for one value', () => {
    expect(meanWithInterval([3])).toEqual({ value: 3, low: null, high: null });
  });

  it('covers the true mean about as often as it says, for skewed values and either method', () => {
    for (const n of [5, 25]) {
      const random = seedrandom.alea(`coverage ${n}`);
      let covered = 0;
      for (let trial = 0; trial < 200; trial++) {
        const sample = Array.from({ length: n }, () => random() + random() + random());
        const { low, high } = meanWithInterval(sample);
        if (low !== null && high !== null && low <= 1.5 && high >= 1.5) covered += 1;
      }
      expect(covered / 200, `n = ${n}`).toBeGreaterThan(0.9);
      expect(covered / 200, `n = ${n}`).toBeLessThan(0.995);
    }
  });
});

describe('bootstrap', () => {
  it('is the same each time and leans to the side of the long tail', () => {
    const skewed = Array.from({ length: 24 }, (_, i) => Math.exp(i / 5));
    const [low, high] = bcaInterval(skewed, 'a');
    expect(bcaInterval(skewed, 'a')).toEqual([low, high]);
    expect(high - mean(skewed)).toBeGreaterThan(mean(skewed) - low);
  });
});

describe('paired difference', () => {
  it('finds a common factor however much the seeds differ', () => {
    const base = [10, 200, 35, 80, 7];
    const difference = pairedDifference(
      base,
      base.map((value, i) => value * (0.59 + 0.004 * i)),
    );
    expect(difference?.relative?.value).toBeCloseTo(-0.402, 3);
    expect(difference).toMatchObject({ significant: true, lower: 5, higher: 0, method: 'student', pairs: 5 });
  });

  it('leaves out seeds without a sample, and says nothing where none is left', () => {
    expect(pairedDifference([1, null, 3], [2, 5, null])).toMatchObject({
      pairs: 1,
      significant: false,
      method: 'none',
    });
    expect(pairedDifference([null], [1])).toBeNull();
  });

  it('turns its sign with the order of its arguments', () => {
    fc.assert(
      fc.property(values, (base) => {
        const head = base.map((value, i) => value * (1 + ((i * 7) % 5) / 10));
        const forth = pairedDifference(base, head);
        const back = pairedDifference(head, base);
        expect(forth?.absolute.value).toBeCloseTo(-(back?.absolute.value ?? Number.NaN), 6);
        expect((1 + (forth?.relative?.value ?? 0)) * (1 + (back?.relative?.value ?? 0))).toBeCloseTo(1, 6);
        expect([forth?.lower, forth?.higher]).toEqual([back?.higher, back?.lower]);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('never calls equal series different', () => {
    fc.assert(
      fc.property(values, (base) => {
        expect(pairedDifference(base, base)).toMatchObject({ significant: false, lower: 0, higher: 0 });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('uses differences where a ratio makes no sense', () => {
    const difference = pairedDifference([0, 1, 2], [3, 5, 4.5]);
    expect(difference).toMatchObject({ relative: null, significant: true });
    expect(difference?.absolute.value).toBeCloseTo(19 / 6, 12);
  });

  it('is not certain of few equal differences, and is from where a sign test would be', () => {
    const counts = (n: number) => pairedDifference(new Array(n).fill(0), new Array(n).fill(3));
    expect(counts(2)).toMatchObject({
      significant: false,
      method: 'none',
      absolute: { value: 3, low: null, high: null },
    });
    expect(counts(5)).toMatchObject({ significant: false });
    expect(counts(6)).toMatchObject({ significant: true, absolute: { value: 3, low: 3, high: 3 } });
    expect(pairedDifference([3, 6, 12], [6, 12, 24])).toMatchObject({ significant: false, relative: { low: null } });
  });

  it('gives means over the seeds compared alone', () => {
    expect(pairedDifference([10, 20, 90], [30, 50, null])).toMatchObject({ baseMean: 15, headMean: 40, pairs: 2 });
  });
});
