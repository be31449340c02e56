import type { Backend } from '../balancer.ts';

/** The largest weight that is taken as it is: HAProxy's. */
const LARGEST = 256;

/**
 * Weights as the whole numbers that nginx and HAProxy know. Whole weights up to 256 stay as they are; others are scaled so that the
 * largest is `scale`, and rounded, none to less than 1.
 */
export function wholeWeights(backends: readonly Backend[], scale = LARGEST): readonly number[] {
  const largest = backends.reduce((most, { weight }) => Math.max(most, weight), 0);
  const areWhole = largest <= LARGEST && backends.every(({ weight }) => Number.isInteger(weight));
  return backends.map(({ weight }) => (areWhole ? weight : Math.max(1, Math.round((weight / largest) * scale))));
}
