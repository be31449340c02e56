/** A backend of this weight takes every turn. */
export const FULL_STRIDE = 65_535;

/** The largest weight counts as at most so many times the mean, the smallest as at least the inverse. */
const SPREAD = 10;

/**
 * Weights as whole shares of {@link FULL_STRIDE}, the largest of which is whole. One that is not above 0 (a backend that
 * nothing is known of) counts as the mean of the others.
 *
 * Source: gRPC, `StaticStrideScheduler`.
 */
export function strideWeights(weights: readonly number[]): Uint16Array {
  const known = weights.filter((weight) => weight > 0);
  if (known.length === 0) return new Uint16Array(weights.length).fill(FULL_STRIDE);
  const mean = known.reduce((sum, weight) => sum + weight, 0) / known.length;
  const most = Math.min(Math.max(...known), SPREAD * mean);
  const scale = FULL_STRIDE / most;
  const least = Math.ceil((scale * mean) / SPREAD);
  return Uint16Array.from(weights, (weight) =>
    weight > 0 ? Math.max(Math.round(scale * Math.min(weight, most)), least) : Math.round(scale * mean),
  );
}
