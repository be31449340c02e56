import { errorFunction } from 'simple-statistics';

/** Points of the integral per weight: enough for 0.5 %. */
const STEPS = 240;

/**
 * Expected peak-to-mean of the load per weight when each of `requests` goes to a random node in proportion to its
 * weight: what a balancer that knows nothing achieves. Null without requests or nodes.
 *
 * The nodes' counts are taken as independent Poisson variables of the same means. Their fixed sum moves the
 * greatest only in the second order: in the normal limit a multinomial count is a Poisson count less the common
 * excess of all, whose mean is nil, which leaves the expectation of the greatest as it is. Good to 2 % from about 2 requests a node.
 */
export function randomPeakToMean(requests: number, weights: readonly number[]): number | null {
  const groups = new Map<number, number>();
  let totalWeight = 0;
  for (const weight of weights) {
    if (!(weight > 0)) continue;
    groups.set(weight, (groups.get(weight) ?? 0) + 1);
    totalWeight += weight;
  }
  if (!(requests > 0) || totalWeight === 0) return null;
  const mean = requests / totalWeight;
  const only = groups.size === 1 ? [...groups.keys()][0] : undefined;
  return only === undefined ? unevenWeights(mean, [...groups]) : evenWeights(mean * only, groups.get(only) ?? 1);
}

/** Sum of the upper tail over the whole numbers, in strides where the mean is large. */
function evenWeights(mean: number, nodes: number): number {
  const stride = Math.max(1, Math.floor(Math.sqrt(mean) / 16));
  const least = Math.max(0, Math.floor(mean - 6 * Math.sqrt(mean)));
  let greatest = least;
  for (let count = least; ; count += stride) {
    const tail = 1 - Math.exp(nodes * Math.log(poissonAtMost(count + (stride - 1) / 2, mean)));
    greatest += tail * stride;
    if (tail < 1e-6) return greatest / mean;
  }
}

/** The same as an integral over load per weight: the counts' steps fall in different places there. */
function unevenWeights(mean: number, groups: readonly (readonly [weight: number, nodes: number])[]): number {
  const lightest = Math.min(...groups.map(([weight]) => weight));
  const deviation = Math.sqrt(mean / lightest);
  const least = Math.max(0, mean - 6 * deviation);
  const step = (mean + 9 * deviation + 9 / lightest - least) / STEPS;
  let greatest = least;
  for (let i = 0; i < STEPS; i++) {
    const relative = least + (i + 0.5) * step;
    let logAtMost = 0;
    for (const [weight, nodes] of groups) {
      logAtMost += nodes * Math.log(poissonAtMost(Math.floor(relative * weight), mean * weight));
    }
    greatest += (1 - Math.exp(logAtMost)) * step;
  }
  return greatest / mean;
}

/**
 * P(X ≤ count) of a Poisson variable: the chi-square tail by Wilson and Hilferty's cube root (1931) from a mean of
 * 8, summed below it.
 */
function poissonAtMost(count: number, mean: number): number {
  if (mean < 8) {
    let term = Math.exp(-mean);
    let sum = term;
    for (let k = 1; k <= count; k++) {
      term *= mean / k;
      sum += term;
    }
    return Math.min(1, sum);
  }
  const nth = 1 / (9 * (count + 1));
  const deviations = (Math.cbrt(mean / (count + 1)) - (1 - nth)) / Math.sqrt(nth);
  return (1 - errorFunction(deviations / Math.SQRT2)) / 2;
}
