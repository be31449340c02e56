import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.ts';

describe('the histogram of latencies', () => {
  it('is off by at most a sixteenth, or half a µs, at any quantile', () => {
    const durations = fc.array(fc.double({ min: 0.001, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (each, q) => {
        const histogram = new LatencyHistogram();
        for (const ms of each) histogram.add(ms);
        const sorted = [...each].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * each.length)) - 1] ?? 0;
        // A duration is first cut to a whole µs.
        expect(Math.abs((histogram.quantileMs(q) ?? 0) - exact)).toBeLessThanOrEqual(exact / 16 + 0.001);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('counts what is beyond its range as the longest', () => {
    const histogram = new LatencyHistogram();
    histogram.add(1e12);
    expect(histogram.quantileMs(0.5)).toBeGreaterThan(60_000);
  });

  it('knows nothing before the first and after it was cleared', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.quantileMs(0.99)).toBeUndefined();
    histogram.add(3);
    histogram.clear();
    expect(histogram.quantileMs(0.99)).toBeUndefined();
    expect(histogram.count).toBe(0);
  });
});
