/**
 * The success rate below which a backend is an outlier among its peers: mean − factor × standard deviation of all rates.
 *
 * Source: Envoy, outlier detection by success rate (`success_rate_stdev_factor`, which is in thousandths there); the
 * deviation is that of the population, as in gRFC A50.
 *
 * @param rates - One a backend, 0 to 1; at least one.
 */
export function successRateThreshold(rates: readonly number[], stdevFactor: number): number {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) * (rate - mean), 0) / rates.length;
  return mean - stdevFactor * Math.sqrt(variance);
}
