import { bcaInterval } from './bootstrap.ts';
import { t975 } from './student.ts';

/** From this many pairs on the bootstrap is used; below it, it is known to be too narrow (Hesterberg, Am. Statistician 69, 2015). */
export const BOOTSTRAP_FROM = 20;

/** Equal differences count as certain from this many on: below it, the sign test (two-sided, 2 · 2⁻ⁿ) doesn't reach 5 %. */
export const CONSTANT_FROM = 6;

/** A mean with its 95 % interval; the ends are null where there are too few pairs to say. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** How one variant differs from another, seed by seed. */
export interface PairedDifference {
  /** Seeds on which both have a sample. */
  readonly pairs: number;
  /** Means over those seeds alone, in the figure's unit. */
  readonly baseMean: number;
  readonly headMean: number;
  /** Mean of `head − base`, in the figure's unit. */
  readonly absolute: Estimate;
  /** Geometric mean of `head / base`, minus one; null where a value is not above zero. */
  readonly relative: Estimate | null;
  readonly lower: number;
  readonly higher: number;
  readonly equal: number;
  readonly method: 'none' | 'student' | 'bootstrap';
  /** Whether the interval excludes zero; false where there is none. */
  readonly significant: boolean;
}

/**
 * Difference of two variants that ran on the same seeds (common random numbers), with a 95 % interval: Student's t for
 * few pairs, BCa bootstrap from {@link BOOTSTRAP_FROM} on. Ratios are averaged as logarithms, so that half and twice cancel.
 *
 * @param base values of the variant compared with, one a seed; null where the run gave no sample
 * @param head values of the variant in question, in the same order of seeds
 * @returns null where no seed has a sample of both
 */
export function pairedDifference(
  base: readonly (number | null)[],
  head: readonly (number | null)[],
): PairedDifference | null {
  if (base.length !== head.length)
    throw new RangeError(`paired values: found ${base.length} and ${head.length}, must be as many`);
  const pairs: [base: number, head: number][] = [];
  for (const [i, before] of base.entries()) {
    const after = head[i];
    if (typeof before === 'number' && typeof after === 'number' && Number.isFinite(before) && Number.isFinite(after))
      pairs.push([before, after]);
  }
  if (pairs.length === 0) return null;

  const differences = pairs.map(([before, after]) => after - before);
  const absolute = meanWithInterval(differences);
  const positive = pairs.every(([before, after]) => before > 0 && after > 0);
  const logarithmic = positive ? meanWithInterval(pairs.map(([before, after]) => Math.log(after / before))) : null;
  const deciding = logarithmic ?? absolute;
  return {
    pairs: pairs.length,
    baseMean: pairs.reduce((sum, [before]) => sum + before, 0) / pairs.length,
    headMean: pairs.reduce((sum, [, after]) => sum + after, 0) / pairs.length,
    absolute,
    relative: logarithmic && {
      value: Math.expm1(logarithmic.value),
      low: logarithmic.low === null ? null : Math.expm1(logarithmic.low),
      high: logarithmic.high === null ? null : Math.expm1(logarithmic.high),
    },
    lower: differences.filter((d) => d < 0).length,
    higher: differences.filter((d) => d > 0).length,
    equal: differences.filter((d) => d === 0).length,
    method: deciding.low === null ? 'none' : pairs.length < BOOTSTRAP_FROM ? 'student' : 'bootstrap',
    significant: deciding.low !== null && deciding.high !== null && (deciding.low > 0 || deciding.high < 0),
  };
}

/** Mean of independent values with its 95 % interval; none for a single one, nor for few that are all the same but not 0. */
export function meanWithInterval(values: readonly number[]): Estimate {
  const n = values.length;
  const value = values.reduce((sum, v) => sum + v, 0) / n;
  if (n < 2) return { value, low: null, high: null };
  const variance = values.reduce((sum, v) => sum + (v - value) * (v - value), 0) / (n - 1);
  // Rounding alone must not turn equal differences into a spread, nor a spread of nothing into a bootstrap.
  if (variance <= 1e-24 * Math.max(1e-300, value * value)) {
    // Two equal integers show no spread, yet are no proof that there is none.
    return value !== 0 && n < CONSTANT_FROM ? { value, low: null, high: null } : { value, low: value, high: value };
  }
  if (n >= BOOTSTRAP_FROM) {
    const [low, high] = bcaInterval(values, `paired:${n}`);
    return { value, low, high };
  }
  const half = t975(n - 1) * Math.sqrt(variance / n);
  return { value, low: value - half, high: value + half };
}
