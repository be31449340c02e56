import { describe, expect, it } from 'vitest';
import { probabilities, Quantiles, summarise } from './quantiles.ts';

describe('quantiles', () => {
  it('are one number where all values are the same, none where there is none', () => {
    expect(summarise([7, 7, 7])).toEqual([7]);
    expect(summarise([])).toEqual([]);
    expect(new Quantiles([7]).at(0.3)).toBe(7);
  });

  it('draw the distribution they were taken from', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => Math.round(100 * Math.exp(3 * (i / 10_000))));
    const quantiles = new Quantiles(summarise(values));
    for (const p of [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]) {
      const exact = values[Math.min(9999, Math.floor(p * 10_000))] ?? 0;
      expect(Math.abs(quantiles.at(p) / exact - 1)).toBeLessThan(0.02);
    }
  });

  it('keep three digits of the values at their probabilities', () => {
    const values = Array.from({ length: 101 }, (_, i) => 12_345 + i * 1000);
    expect(summarise(values)[probabilities.indexOf(0.5)]).toBe(62_300);
  });
});
