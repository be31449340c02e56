import { describe, expect, it } from 'vitest';
import { runSupermarket, supermarketPrediction } from './supermarket.ts';

/** Loads near 1 with a single choice need tens of millions of customers: `npm run test:theory` has them. */
const SEEDS = [1, 2, 3];

describe('the supermarket model, 1,000 servers behind the shipped power-of-two', () => {
  it.each([
    { choices: 1, load: 0.5, customers: 300_000 },
    { choices: 1, load: 0.7, customers: 500_000 },
    { choices: 2, load: 0.5, customers: 100_000 },
    { choices: 2, load: 0.9, customers: 200_000 },
    { choices: 2, load: 0.95, customers: 300_000 },
    { choices: 3, load: 0.5, customers: 100_000 },
    { choices: 3, load: 0.9, customers: 200_000 },
    { choices: 3, load: 0.95, customers: 300_000 },
  ])('d = $choices at load $load is within 2 % of theory', ({ choices, load, customers }) => {
    const prediction = supermarketPrediction(load, choices);
    const means = SEEDS.map((seed) => runSupermarket({ seed, servers: 1_000, choices, load, customers }));
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    expect(Math.abs(mean / prediction - 1)).toBeLessThan(0.02);
  });

  it('predicts what the paper tabulates', () => {
    expect(supermarketPrediction(0.9, 2)).toBeCloseTo(2.6141, 4);
    expect(supermarketPrediction(0.95, 3)).toBeCloseTo(2.5351, 4);
    expect(supermarketPrediction(0.5, 5)).toBeCloseTo(1.0313, 4);
  });
});
