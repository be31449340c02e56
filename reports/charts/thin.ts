import type { Gappy } from './model.ts';

/**
 * How the buckets of a record become the bins of a page: groups of `merged` neighbours. A short burst must not vanish, so
 * whatever a reader hunts for is kept as the maximum of its group; only rates are averaged.
 */
export interface Bins {
  readonly count: number;
  readonly merged: number;
}

/** The fewest neighbours to merge so that at most `limit` bins remain. */
export function binsFor(buckets: number, limit: number): Bins {
  const merged = Math.max(1, Math.ceil(buckets / Math.max(1, limit)));
  return { count: Math.ceil(buckets / merged), merged };
}

function grouped<T, R>(series: readonly T[], bins: Bins, reduce: (group: readonly T[]) => R): R[] {
  return Array.from({ length: bins.count }, (_, i) => reduce(series.slice(i * bins.merged, (i + 1) * bins.merged)));
}

/** Largest value of each bin; null where no bucket of it has one. */
export function keepMax(series: Gappy, bins: Bins): (number | null)[] {
  return grouped(series, bins, (group) =>
    group.reduce((most, value) => (value === null ? most : most === null ? value : Math.max(most, value)), null),
  );
}

/** Least value of each bin, for measures where low is bad. */
export function keepMin(series: Gappy, bins: Bins): (number | null)[] {
  return grouped(series, bins, (group) =>
    group.reduce((least, value) => (value === null ? least : least === null ? value : Math.min(least, value)), null),
  );
}

/** Mean of each bin over the buckets that have a value. */
export function keepMean(series: Gappy, bins: Bins): (number | null)[] {
  return grouped(series, bins, (group) => {
    const present = group.filter((value) => value !== null);
    return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
  });
}

/** Sum of each bin. */
export function keepSum(series: readonly number[], bins: Bins): number[] {
  return grouped(series, bins, (group) => group.reduce((sum, value) => sum + value, 0));
}

/** The same with gaps as zero, for counts. */
export function filled(series: Gappy): number[] {
  return series.map((value) => value ?? 0);
}

/** Rounds to `digits` significant digits: what a picture can show, at a fraction of the bytes. */
export function rounded(series: readonly number[], digits?: number): number[];
export function rounded(series: Gappy, digits?: number): (number | null)[];
export function rounded(series: Gappy, digits = 3): (number | null)[] {
  return series.map((value) => (value === null ? null : Number(value.toPrecision(digits))));
}
