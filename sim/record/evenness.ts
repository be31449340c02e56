/** How evenly a load lies on nodes of given weights. All are of load per weight, each node counted by its weight. */
export interface Evenness {
  /** Greatest load per weight over the mean: 1 when even. */
  readonly peakToMean: number;
  /** Coefficient of variation: 0 when even. */
  readonly cov: number;
  /** Jain's index (Jain, Chiu, Hawe 1984): 1 when even, 1/n when one of n carries all. */
  readonly jain: number;
  /** Gini coefficient: 0 when even, towards 1 when one carries all. */
  readonly gini: number;
}

/** Null where nothing can be uneven: no load, or no node of positive weight. */
export function evenness(loads: readonly { readonly load: number; readonly weight: number }[]): Evenness | null {
  let load = 0;
  let weight = 0;
  for (const node of loads) {
    load += node.load;
    weight += node.weight;
  }
  if (!(load > 0 && weight > 0)) return null;
  const mean = load / weight;
  const sorted = loads
    .filter((node) => node.weight > 0)
    .map((node) => ({ relative: node.load / node.weight / mean, weight: node.weight / weight }))
    .sort((a, b) => a.relative - b.relative || a.weight - b.weight);
  let squares = 0;
  let lorenz = 0;
  let below = 0;
  for (const node of sorted) {
    squares += node.weight * node.relative * node.relative;
    const share = node.weight * node.relative;
    lorenz += node.weight * (below + below + share);
    below += share;
  }
  return {
    peakToMean: sorted.at(-1)?.relative ?? 1,
    cov: Math.sqrt(Math.max(0, squares - 1)),
    jain: 1 / squares,
    gini: Math.max(0, 1 - lorenz),
  };
}
