import { describe, expect, it } from 'vitest';
import type { Backend } from './balancer.ts';
import { createBalancer } from './registry.ts';
import { seededStream } from './seeded-stream.ts';

interface Bin extends Backend {
  inFlight: number;
}

const request = { key: '', keyHash: 0 };

function bins(count: number): Bin[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `bin-${index}`,
    index,
    zone: 'z',
    weight: 1,
    inFlight: 0,
  }));
}

function build(name: string, options: unknown, table: readonly Backend[], seed: number) {
  const balancer = createBalancer(name, options, { random: seededStream(seed), nowMs: () => 0 });
  balancer.update(table);
  return balancer;
}

/** Throws as many balls as there are bins and returns how many the fullest holds. */
function fullest(name: string, options: unknown, count: number, seed: number): number {
  const table = bins(count);
  const balancer = build(name, options, table, seed);
  for (let ball = 0; ball < count; ball++) {
    const bin = table[balancer.pick(table, request).index];
    if (bin !== undefined) bin.inFlight++;
  }
  return Math.max(...table.map(({ inFlight }) => inFlight));
}

describe('balls into bins: the fullest of 256, over 200 trials', () => {
  // Azar, Broder, Karlin, Upfal (1999); Mitzenmacher, Richa, Sitaraman (2001), where two choices give 2 in 10 % and 3 in 90 %.
  it.each([
    { name: 'random', options: {}, range: [3, 8], usual: [4, 5] },
    { name: 'power-of-two', options: { choices: 1 }, range: [3, 8], usual: [4, 5] },
    { name: 'power-of-two', options: {}, range: [2, 4], usual: [3] },
    { name: 'power-of-two', options: { choices: 3 }, range: [2, 3], usual: [2] },
    { name: 'power-of-two', options: { choices: 4 }, range: [2, 3], usual: [2] },
  ])('$name $options', ({ name, options, range, usual }) => {
    const fullests = Array.from({ length: 200 }, (_, seed) => fullest(name, options, 256, seed));
    expect(Math.min(...fullests)).toBeGreaterThanOrEqual(range[0] ?? 0);
    expect(Math.max(...fullests)).toBeLessThanOrEqual(range[1] ?? 0);
    expect(fullests.filter((value) => usual.includes(value)).length).toBeGreaterThanOrEqual(160);
  });
});

describe('power of two', () => {
  it('draws without replacement: of two backends, it always finds the less loaded one', () => {
    const table = bins(2);
    const balancer = build('power-of-two', {}, table, 1);
    for (let i = 0; i < 200; i++) {
      table.forEach((bin, index) => {
        bin.inFlight = index === i % 2 ? 1 : 0;
      });
      expect(balancer.pick(table, request).index).toBe(1 - (i % 2));
    }
  });

  it('looks at every set of three alike', () => {
    // The least loaded of a set tells which it was: ranks 0 < 1 < 2 < 3 < 4, and of C(5, 3) = 10 sets the
    // least is rank 0 in 6, rank 1 in 3, rank 2 in 1.
    const table = bins(5);
    table.forEach((bin, index) => {
      bin.inFlight = index;
    });
    const balancer = build('power-of-two', { choices: 3 }, table, 1);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      const { index } = balancer.pick(table, request);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    [0.6, 0.3, 0.1, 0, 0].forEach((share, rank) => {
      expect(Math.abs((counts[rank] ?? 0) / 20_000 - share)).toBeLessThan(share === 0 ? 1e-9 : 0.02);
    });
  });

  it('compares loads in proportion to weight', () => {
    const table = bins(2).map((bin) => ({
      ...bin,
      weight: bin.index === 0 ? 4 : 1,
      inFlight: bin.index === 0 ? 3 : 1,
    }));
    const balancer = build('power-of-two', {}, table, 1);
    for (let i = 0; i < 50; i++) expect(balancer.pick(table, request).index).toBe(0);
  });
});

describe('random', () => {
  it('is proportional to weight by the chi-square test', () => {
    const weights = [8, 4, 2, 1, 1, 0.5];
    const table = bins(6).map((bin, index) => ({ ...bin, weight: weights[index] ?? 1 }));
    const balancer = build('random', {}, table, 5);
    const counts = table.map(() => 0);
    for (let i = 0; i < 16_500; i++) {
      const { index } = balancer.pick(table, request);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count, index) => {
      const expected = (weights[index] ?? 0) * 1000;
      return sum + ((count - expected) * (count - expected)) / expected;
    }, 0);
    // 99.9th percentile of χ² with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.5);
  });
});
