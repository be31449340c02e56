/** The probabilities at which a distribution is kept: dense at both ends, where caches and tails are decided. */
export const probabilities: readonly number[] = [
  0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1,
];

const steps = 2048;

/**
 * A distribution of positive numbers in a few: its quantiles at `probabilities`, to three digits; a
 * single number if all are the same. Empty for no values.
 */
export function summarise(values: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return [];
  const at = (p: number) => Number((sorted[Math.round(p * (sorted.length - 1))] ?? 0).toPrecision(3));
  const quantiles = probabilities.map(at);
  return quantiles.every((quantile) => quantile === quantiles[0]) ? quantiles.slice(0, 1) : quantiles;
}

/** The inverse of a distribution function, for drawing from it: between two kept quantiles the logarithm is linear. */
export class Quantiles {
  readonly #table: Float64Array;

  /** Quantiles as `summarise` gives them, ascending. */
  constructor(quantiles: readonly number[]) {
    this.#table = Float64Array.from({ length: steps + 1 }, (_, i) => interpolate(quantiles, i / steps));
  }

  /** The value below which a share `p` of the distribution lies; `p` in [0, 1]. */
  at(p: number): number {
    const place = p * steps;
    const index = Math.min(steps - 1, Math.floor(place));
    const low = this.#table[index] ?? 0;
    return low + ((this.#table[index + 1] ?? low) - low) * (place - index);
  }
}

function interpolate(quantiles: readonly number[], p: number): number {
  const only = quantiles[0] ?? 0;
  if (quantiles.length < 2) return only;
  let i = 1;
  while (i < probabilities.length - 1 && (probabilities[i] ?? 1) < p) i++;
  const fromP = probabilities[i - 1] ?? 0;
  const share = (p - fromP) / ((probabilities[i] ?? 1) - fromP);
  // One more than the value, so that 0 has a logarithm.
  const low = Math.log1p(quantiles[i - 1] ?? only);
  const high = Math.log1p(quantiles[i] ?? only);
  return Math.expm1(low + (high - low) * share);
}
