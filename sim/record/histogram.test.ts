import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

const latencies = fc.array(
  fc.oneof(
    fc.double({ min: 0, max: 0.1, noNaN: true }),
    fc.double({ min: 0, max: 50, noNaN: true }),
    fc.double({ min: 0, max: 5e6, noNaN: true }),
  ),
  { minLength: 1, maxLength: 300 },
);
const quantiles = [0, 0.1, 0.5, 0.9, 0.99, 0.999, 1];

function filled(values: readonly number[], subBucketBits = 7): Histogram {
  const histogram = new Histogram({ subBucketBits });
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('Histogram', () => {
  it('agrees with HdrHistogram within the precision of both', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const ours = filled(values);
        const oracle = build({
          lowestDiscernibleValue: 1,
          highestTrackableValue: 1e11,
          numberOfSignificantValueDigits: 4,
        });
        for (const value of values) oracle.recordValue(Math.round(value * 1000));
        for (const q of quantiles.slice(1)) {
          const theirs = oracle.getValueAtPercentile(q * 100) / 1000;
          expect(Math.abs((ours.quantileMs(q) ?? Number.NaN) - theirs)).toBeLessThanOrEqual(theirs * 0.005 + 0.001);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it.each([4, 7, 10])('keeps its promised relative error with %i bits', (bits) => {
    const promised = 1 / (2 << bits);
    fc.assert(
      fc.property(latencies, (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const histogram = filled(values, bits);
        for (const q of quantiles) {
          const exact = sorted[Math.max(1, Math.ceil(q * sorted.length - 1e-9)) - 1] ?? Number.NaN;
          expect(Math.abs((histogram.quantileMs(q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(
            exact * promised + 0.0005001,
          );
        }
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('knows count, least, greatest and mean exactly', () => {
    const histogram = filled([0.25, 3600e3, 7.123]);
    expect(histogram.count).toBe(3);
    expect(histogram.minMs).toBe(0.25);
    expect(histogram.maxMs).toBe(3600e3);
    expect(histogram.meanMs).toBeCloseTo((0.25 + 3600e3 + 7.123) / 3, 6);
  });

  it('merges exactly, in any order', () => {
    fc.assert(
      fc.property(latencies, latencies, (a, b) => {
        const merged = filled(b);
        merged.merge(filled(a));
        const whole = filled([...a, ...b]);
        expect(merged.toSparse()).toEqual(whole.toSparse());
        expect([merged.count, merged.meanMs, merged.minMs, merged.maxMs]).toEqual([
          whole.count,
          whole.meanMs,
          whole.minMs,
          whole.maxMs,
        ]);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('comes back from its sparse form', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const before = filled(values);
        const after = Histogram.fromSparse(before.toSparse(), before);
        expect(after.toSparse()).toEqual(before.toSparse());
        expect([after.minMs, after.maxMs, after.meanMs]).toEqual([before.minMs, before.maxMs, before.meanMs]);
        for (const q of quantiles) expect(after.quantileMs(q)).toBe(before.quantileMs(q));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('takes hours, days and the absurd', () => {
    const histogram = filled([1, 86_400e3, 1e15, 1e15]);
    expect(histogram.quantileMs(0.5)).toBeGreaterThan(86_400e3 * 0.996);
    expect(histogram.quantileMs(0.5)).toBeLessThan(86_400e3 * 1.004);
    expect(histogram.quantileMs(1)).toBe(1e15);
  });

  it('is empty at first and after clear', () => {
    const histogram = filled([1, 2]);
    histogram.clear();
    expect([histogram.count, histogram.meanMs, histogram.minMs, histogram.maxMs, histogram.quantileMs(0.5)]).toEqual([
      0,
      null,
      null,
      null,
      null,
    ]);
    expect(histogram.toSparse().index).toEqual([]);
  });

  it('refuses what is no duration, no quantile, and foreign buckets', () => {
    expect(() => filled([-0.001])).toThrow('recorded -0.001 ms');
    expect(() => filled([Number.NaN])).toThrow('recorded NaN ms');
    expect(() => filled([Number.POSITIVE_INFINITY])).toThrow('recorded Infinity ms');
    expect(() => filled([1]).quantileMs(99)).toThrow('quantile is 99');
    expect(() => filled([1]).merge(filled([1], 5))).toThrow('cannot merge 5 bits');
    expect(() => Histogram.fromSparse({ subBucketBits: 7, unitMs: 0.001, index: [1e6], count: [1] })).toThrow(
      'index[0] is 1000000',
    );
    expect(() => new Histogram({ subBucketBits: 20 })).toThrow('subBucketBits is 20');
  });
});
