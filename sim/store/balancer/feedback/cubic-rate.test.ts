import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CubicRate } from './cubic-rate.ts';

const answer = (rate: CubicRate, nowMs: number, times = 1) => {
  for (let i = 0; i < times; i++) rate.answered(nowMs);
  return rate.sendRate;
};

describe('cubic rate control, by hand from the authors’ code', () => {
  it('grows by at most 10 an answer while answers come faster than requests are sent', () => {
    const rate = new CubicRate(0);
    expect([1, 1, 1].map(() => answer(rate, 0))).toEqual([11, 21, 31]);
    // At 101 it is above the rate of answers, which counts as 100 at first.
    expect(answer(rate, 0, 20)).toBe(101);
  });

  it('falls to a fifth, then climbs along the cubic', () => {
    const rate = new CubicRate(0);
    answer(rate, 0, 11);
    // Not within four intervals of the last growth.
    expect(answer(rate, 79)).toBe(101);
    expect(answer(rate, 100)).toBeCloseTo(20.2, 12);
    expect(answer(rate, 120)).toBeCloseTo(30.2, 12);
    // Answers come at 73.9 in 20 ms: it grows until it is above that.
    expect(answer(rate, 120, 1_000)).toBeCloseTo(80.2, 12);
    // Now at 120. The cubic is 101 − 4e-6 (171.57 − 40)³ at 40 ms, and passes 101 after 171.57 ms.
    expect(answer(rate, 140, 5)).toBeCloseTo(101 - 4e-6 * 131.5686 * 131.5686 * 131.5686, 2);
    for (let ms = 140; ms <= 260; ms += 20) expect(answer(rate, ms, 1_000)).toBeLessThan(101);
    expect(answer(rate, 280)).toBeGreaterThan(101);
  });

  it('has ten tokens at most, and takes those that are lacking in advance', () => {
    const rate = new CubicRate(0);
    for (let i = 0; i < 10; i++) {
      expect(rate.waitMs(5_000)).toBe(0);
      rate.spend(5_000);
    }
    expect(rate.waitMs(5_000)).toBe(20);
    rate.spend(5_000);
    expect(rate.waitMs(5_000)).toBe(40);
    expect(rate.waitMs(5_010)).toBe(30);
    expect(rate.waitMs(5_040)).toBe(0);
  });

  it('never stops, and never grows by more than 10 at once', () => {
    const gaps = fc.array(fc.nat(400), { maxLength: 100 });
    fc.assert(
      fc.property(gaps, (each) => {
        const rate = new CubicRate(0);
        let nowMs = 0;
        for (const gap of each) {
          nowMs += gap;
          const before = rate.sendRate;
          const after = answer(rate, nowMs);
          expect(after).toBeGreaterThanOrEqual(Math.min(0.1, before));
          expect(after).toBeLessThanOrEqual(before + 10);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
