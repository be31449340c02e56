import { describe, expect, it } from 'vitest';
import { supermarketPrediction } from './supermarket.ts';
import { expectTheory } from './testdata/theory.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 120_000;

/** A single choice near load 1 needs millions of customers: `supermarket.theory.ts` has those. */
describe('the supermarket model, 1,000 servers behind the shipped power-of-two', { timeout: PATIENCE_MS }, () => {
  it.each([
    { choices: 1, load: 0.5, warmupMs: 30, customers: 300_000 },
    { choices: 1, load: 0.7, warmupMs: 80, customers: 400_000 },
    { choices: 2, load: 0.5, warmupMs: 20, customers: 100_000 },
    { choices: 2, load: 0.9, warmupMs: 100, customers: 200_000 },
    { choices: 2, load: 0.95, warmupMs: 250, customers: 300_000 },
    { choices: 3, load: 0.5, warmupMs: 20, customers: 100_000 },
    { choices: 3, load: 0.9, warmupMs: 100, customers: 200_000 },
    { choices: 3, load: 0.95, warmupMs: 250, customers: 300_000 },
  ])('d = $choices at load $load is within 2 % of theory, which lies within the interval over seeds', expectTheory);

  it('predicts what the paper tabulates', () => {
    expect(supermarketPrediction(0.9, 2)).toBeCloseTo(2.6141, 4);
    expect(supermarketPrediction(0.95, 3)).toBeCloseTo(2.5351, 4);
    expect(supermarketPrediction(0.5, 5)).toBeCloseTo(1.0313, 4);
  });
});
