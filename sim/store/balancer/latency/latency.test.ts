import { describe, expect, it } from 'vitest';
import published from '../testdata/client-balancers.json' with { type: 'json' };
import { balancerOf, picksOf, REQUEST, type TestBackend, tableOf } from '../testdata/test-backends.ts';
import { DecayingAverages } from './decaying-averages.ts';

describe('decaying average', () => {
  it('has the values of Finagle’s EmaTest, to the bit', () => {
    const { window_ms, initial, step_ms, sample, values } = published.ema;
    const averages = new DecayingAverages(window_ms);
    averages.update(tableOf([1]), 0);
    averages.set(0, initial, 0);
    expect(values.map((_, i) => averages.observe(0, sample, (i + 1) * step_ms))).toEqual(values);
  });

  it('fades the same however often it is looked at', () => {
    const averages = new DecayingAverages(300);
    averages.update(tableOf([1, 1]), 0);
    for (const place of [0, 1]) averages.set(place, 80, 0);
    for (let ms = 1; ms < 500; ms++) averages.observe(0, 0, ms);
    expect(averages.faded(0, 0, 500)).toBeCloseTo(averages.faded(1, 0, 500), 10);
    expect(averages.faded(1, 0, 500)).toBeCloseTo(80 * Math.exp(-500 / 300), 10);
  });
});

/** Two backends, a clock that can be set, and the balancer under test. */
function pair(name: string, options: unknown) {
  const clock = { ms: 0 };
  const table = tableOf([1, 1]);
  const [a, b] = table;
  if (a === undefined || b === undefined) throw new Error('no table');
  const balancer = balancerOf(name, options, table, { nowMs: () => clock.ms });
  const always = () => [...new Set(picksOf(balancer, table, 40))];
  return { clock, table, a, b, balancer, always };
}

describe('ewma', () => {
  it('prefers who was faster, until that has faded', () => {
    const { clock, a, b, balancer, always } = pair('ewma', { decayMs: 100 });
    clock.ms = 10;
    balancer.onDone(a, 'ok', 20);
    balancer.onDone(b, 'ok', 10);
    expect(always()).toEqual([1]);
    // b is measured again as slow, a only fades: 20 (1 − e^−0.1) e^−3 ≈ 0.09.
    clock.ms = 310;
    balancer.onDone(b, 'ok', 10);
    expect(always()).toEqual([0]);
  });

  it('lets a newcomer start at the mean of the others, and learns nothing from what was cancelled', () => {
    const { clock, table, a, b, balancer } = pair('ewma', { decayMs: 100 });
    clock.ms = 1_000;
    balancer.onDone(a, 'ok', 10);
    balancer.onDone(b, 'ok', 30);
    clock.ms += 1;
    balancer.onDone(a, 'cancelled', 9_000);
    const newcomer: TestBackend = { id: 'new', index: 2, zone: 'z', weight: 1, inFlight: 0 };
    balancer.update([...table, newcomer]);
    expect(new Set(picksOf(balancer, [newcomer, b], 40))).toEqual(new Set([2]));
    expect(new Set(picksOf(balancer, [newcomer, a], 40))).toEqual(new Set([0]));
  });
});

describe('peak ewma', () => {
  it('jumps to a peak at once and comes down by the decay time', () => {
    const { clock, a, b, balancer, always } = pair('peak-ewma', { decayMs: 1_000 });
    balancer.onDone(a, 'ok', 10);
    balancer.onDone(b, 'ok', 11);
    expect(always()).toEqual([0]);
    balancer.onDone(a, 'ok', 100);
    expect(always()).toEqual([1]);
    // 100 e^−t falls below 11 after 2.2 s, if b is kept at 11.
    for (const [ms, expected] of [
      [2_100, 1],
      [2_300, 0],
    ] as const) {
      clock.ms = ms;
      balancer.onDone(b, 'ok', 11);
      expect(always()).toEqual([expected]);
    }
  });

  it('multiplies by the requests in flight and the next', () => {
    const { a, b, balancer, always } = pair('peak-ewma', {});
    balancer.onDone(a, 'ok', 10);
    balancer.onDone(b, 'ok', 25);
    a.inFlight = 1;
    expect(always()).toEqual([0]);
    a.inFlight = 2;
    expect(always()).toEqual([1]);
  });

  it('sends a second request to nobody who has not answered the first', () => {
    const { table, a, b, balancer } = pair('peak-ewma', {});
    balancer.onDone(a, 'ok', 5_000);
    b.inFlight = 1;
    expect(balancer.pick(table, REQUEST)).toBe(a);
    b.inFlight = 0;
    expect(balancer.pick(table, REQUEST)).toBe(b);
  });
});
