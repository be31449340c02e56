/**
 * Two-sided 95 % quantiles of Student's t, degrees of freedom 1 to 30 (Fisher & Yates, Statistical Tables, table III).
 * A table and not an inversion: the report only ever states 95 % intervals, and figures of this size are easy to check.
 */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * Half-width factor of a 95 % confidence interval for the mean of `degrees + 1` values.
 * Beyond 30 degrees the Cornish–Fisher expansion around the normal quantile is exact to three decimals.
 */
export function t975(degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1)
    throw new RangeError(`degrees of freedom: found ${degrees}, must be a whole number from 1`);
  const z = 1.959964;
  return (
    T_975[degrees - 1] ??
    z + (z * z * z + z) / (4 * degrees) + (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / (96 * degrees * degrees)
  );
}
