import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateCurve } from './rate-curve.ts';

describe('a rate curve', () => {
  it('is the base rate where nothing happens', () => {
    const curve = RateCurve.of(50, [], 10_000);
    expect(curve.total).toBeCloseTo(500, 9);
    expect(curve.walk().timeOf(250)).toBeCloseTo(5000, 9);
  });

  it('integrates a ramp, and inverts it', () => {
    // From 10 to 30 a second over 10 s: 10 t + t², so 24 at 2 s, and 200 at the end.
    const curve = RateCurve.of(
      10,
      [
        [
          { atMs: 0, factor: 1 },
          { atMs: 10_000, factor: 3 },
        ],
      ],
      10_000,
    );
    expect(curve.total).toBeCloseTo(200, 9);
    const walk = curve.walk();
    expect(walk.timeOf(24)).toBeCloseTo(2000, 6);
    expect(walk.timeOf(199.999)).toBeCloseTo(10_000, 0);
    expect(walk.timeOf(200)).toBe(Infinity);
  });

  it('multiplies factors that overlap, also two slopes', () => {
    const up = [
      { atMs: 0, factor: 1 },
      { atMs: 1000, factor: 2 },
    ];
    // The integral of (1 + t)² from 0 to 1 is 7/3.
    expect(RateCurve.of(1000, [up, up], 1000).total / 1000).toBeCloseTo(7 / 3, 2);
  });

  it('passes over times without any load', () => {
    const pause = [
      { atMs: 1000, factor: 1 },
      { atMs: 1000, factor: 0 },
      { atMs: 3000, factor: 0 },
      { atMs: 3000, factor: 1 },
    ];
    const walk = RateCurve.of(1, [pause], 5000).walk();
    expect(walk.timeOf(0.5)).toBeCloseTo(500, 9);
    expect(walk.timeOf(1.5)).toBeCloseTo(3500, 9);
  });

  it('is walked in time order, inside its end, whatever its shape', () => {
    const knot = fc.record({
      atMs: fc.integer({ min: 0, max: 9000 }),
      factor: fc.double({ min: 0, max: 5, noNaN: true }),
    });
    const knots = fc.array(knot, { maxLength: 6 }).map((list) => list.sort((a, b) => a.atMs - b.atMs));
    fc.assert(
      fc.property(knots, knots, (a, b) => {
        const curve = RateCurve.of(20, [a, b], 10_000);
        const walk = curve.walk();
        let last = 0;
        for (let count = 0.5; count < curve.total; count++) {
          const t = walk.timeOf(count);
          expect(t).toBeGreaterThanOrEqual(last - 1e-6);
          expect(t).toBeLessThanOrEqual(10_000 + 1e-6);
          last = t;
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
