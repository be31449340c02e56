import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { randomPeakToMean } from './random-peak.ts';

/** Mean over `rounds` of the peak-to-mean of `requests` thrown at random. */
function simulated(requests: number, weights: readonly number[], rounds: number): number {
  const random = seedrandom.alea('random peak');
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const counts = weights.map(() => 0);
    for (let i = 0; i < requests; i++) {
      let left = random() * total;
      let node = 0;
      while (node < weights.length - 1 && left >= (weights[node] ?? 0)) left -= weights[node++] ?? 0;
      counts[node] = (counts[node] ?? 0) + 1;
    }
    sum += Math.max(...counts.map((count, node) => (count * total) / requests / (weights[node] ?? 1)));
  }
  return sum / rounds;
}

const even = (nodes: number): number[] => new Array<number>(nodes).fill(1);

describe('randomPeakToMean', () => {
  it.each([
    { requests: 20, weights: even(2), rounds: 20_000 },
    { requests: 6, weights: even(3), rounds: 40_000 },
    { requests: 300, weights: even(12), rounds: 3_000 },
    { requests: 3_000, weights: even(12), rounds: 400 },
    { requests: 400, weights: even(100), rounds: 600 },
    { requests: 60, weights: [1, 1, 2, 4], rounds: 20_000 },
    { requests: 2_000, weights: [1, 1, 1, 1, 3, 3, 0.5], rounds: 600 },
  ])('is what throwing $requests at weights $weights gives, within 2 %', ({ requests, weights, rounds }) => {
    const ratio = (randomPeakToMean(requests, weights) ?? 0) / simulated(requests, weights, rounds);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  });

  it('goes to 1 as requests grow', () => {
    const million = randomPeakToMean(1e6, even(12)) ?? 0;
    expect(million).toBeGreaterThan(1.004);
    expect(million).toBeLessThan(1.007);
    expect(randomPeakToMean(1e10, even(12))).toBeLessThan(1.0001);
  });

  it('is nothing without requests or nodes', () => {
    expect(randomPeakToMean(0, even(3))).toBeNull();
    expect(randomPeakToMean(10, [])).toBeNull();
  });
});
