import { mean, sampleStandardDeviation } from 'simple-statistics';
import { expect } from 'vitest';
import { runSupermarket, type SupermarketRun, supermarketPrediction } from '../supermarket.ts';

const SEEDS = [1, 2, 3, 4, 5];
/** Student's t at 0.995 with 4 degrees of freedom: a 99 % interval over five seeds. */
const T = 4.604;

/** The mean over seeds is within 2 % of the prediction, and the prediction within the 99 % interval over seeds. */
export function expectTheory(run: Omit<SupermarketRun, 'seed' | 'servers'>): void {
  const predicted = supermarketPrediction(run.load, run.choices);
  const means = SEEDS.map((seed) => runSupermarket({ ...run, seed, servers: 1_000 }));
  const measured = mean(means);
  const halfWidth = (T * sampleStandardDeviation(means)) / Math.sqrt(SEEDS.length);
  const says = `measured ${measured.toFixed(4)} ± ${halfWidth.toFixed(4)}, predicted ${predicted.toFixed(4)}`;
  expect(Math.abs(measured / predicted - 1), says).toBeLessThan(0.02);
  expect(Math.abs(measured - predicted), says).toBeLessThanOrEqual(halfWidth);
}
