import { describe, expect, it } from 'vitest';
import { testStream } from '../testing.ts';
import { ZipfPopularity } from './zipf.ts';

/** Shares of the ranks, by the definition. */
function theory(count: number, exponent: number): number[] {
  const weights = Array.from({ length: count }, (_, i) => Math.exp(-exponent * Math.log(i + 1)));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function draws(count: number, exponent: number, samples: number): Uint32Array {
  const zipf = new ZipfPopularity(count, exponent);
  const stream = testStream(`zipf ${count} ${exponent}`);
  const seen = new Uint32Array(count);
  for (let i = 0; i < samples; i++) {
    const rank = zipf.rank(stream);
    if (!Number.isInteger(rank) || rank < 0 || rank >= count) throw new RangeError(`rank ${rank}`);
    seen[rank] = (seen[rank] ?? 0) + 1;
  }
  return seen;
}

describe('Zipf popularity', () => {
  // Chi-square with 19 degrees of freedom exceeds 43.8 with probability 0.001.
  it.each([0, 0.3, 0.99, 1, 1.000001, 1.2, 2, 4])('draws the ranks of 20 keys in proportion to r^-%d', (exponent) => {
    const samples = 50_000;
    const seen = draws(20, exponent, samples);
    const chiSquare = theory(20, exponent).reduce((sum, share, rank) => {
      const expected = share * samples;
      return sum + (((seen[rank] ?? 0) - expected) * ((seen[rank] ?? 0) - expected)) / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(43.8);
  });

  it.each([0.6, 1, 1.3])('gives the hottest of 100,000 keys their share at exponent %d', (exponent) => {
    const samples = 100_000;
    const seen = draws(100_000, exponent, samples);
    for (const top of [1, 10, 1000]) {
      const share = theory(100_000, exponent)
        .slice(0, top)
        .reduce((a, b) => a + b, 0);
      const found = seen.slice(0, top).reduce((a, b) => a + b, 0) / samples;
      // Four standard deviations.
      expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / samples));
    }
  });

  it('knows one key only', () => {
    expect(draws(1, 1.1, 10)[0]).toBe(10);
  });
});
