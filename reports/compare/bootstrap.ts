import seedrandom from 'seedrandom';
import { cumulativeStdNormalProbability, probit, quantileSorted } from 'simple-statistics';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * 95 % interval for the mean by the bias-corrected and accelerated bootstrap (BCa; Efron, JASA 82, 1987).
 * The resampling is seeded, so the same values give the same interval on any machine.
 *
 * @param values at least three, not all equal
 * @param seed names the random stream
 */
export function bcaInterval(values: readonly number[], seed: string, resamples = 2000): [low: number, high: number] {
  const random = seedrandom.alea(seed);
  const observed = mean(values);
  const means: number[] = [];
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] ?? 0;
    means.push(sum / values.length);
  }
  means.sort((a, b) => a - b);

  const below =
    means.filter((value) => value < observed).length + means.filter((value) => value === observed).length / 2;
  const bias = probit(Math.min(Math.max(below / resamples, 1 / resamples), 1 - 1 / resamples));
  // The jackknife skewness of a mean is that of the values themselves, with the sign turned.
  let cubes = 0;
  let squares = 0;
  for (const value of values) {
    const left = (value - observed) / (values.length - 1);
    cubes += left * left * left;
    squares += left * left;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares));
  const adjusted = (z: number): number => {
    const shifted = bias + (bias + z) / (1 - acceleration * (bias + z));
    return Math.min(Math.max(cumulativeStdNormalProbability(shifted), 1 / resamples), 1 - 1 / resamples);
  };
  return [quantileSorted(means, adjusted(-1.959964)), quantileSorted(means, adjusted(1.959964))];
}
