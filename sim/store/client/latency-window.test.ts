import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyWindow } from './latency-window.ts';

describe('recent latencies', () => {
  it('say nothing while they are few', () => {
    const window = new LatencyWindow(0.95);
    for (let i = 0; i < 31; i++) window.record(1);
    expect(window.valueMs).toBeUndefined();
    window.record(1);
    expect(window.valueMs).toBe(1);
  });

  it('have the stated share at or below the value, and less than that below it', () => {
    const latencies = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 256, maxLength: 256 });
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.9, 0.95, 0.99), (all, quantile) => {
        const window = new LatencyWindow(quantile);
        for (const latencyMs of all) window.record(latencyMs);
        const value = window.valueMs ?? Number.NaN;
        expect(all.filter((latencyMs) => latencyMs <= value).length).toBeGreaterThanOrEqual(quantile * 256);
        expect(all.filter((latencyMs) => latencyMs < value).length).toBeLessThan(quantile * 256);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('forget what is long past', () => {
    const window = new LatencyWindow(0.95);
    for (let i = 0; i < 256; i++) window.record(100);
    for (let i = 0; i < 256; i++) window.record(2);
    expect(window.valueMs).toBe(2);
  });
});
