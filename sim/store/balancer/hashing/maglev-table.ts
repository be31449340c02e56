/** Where a backend's preferences begin, and how far apart they stand, on a table of M slots. */
export interface MaglevPermutation {
  /** 0 to M − 1. */
  readonly offset: number;
  /** 1 to M − 1. */
  readonly skip: number;
}

/**
 * Maglev's lookup table: backends take turns, each claiming the next slot of its own permutation that is still free. With unequal
 * weights a backend sits out the turns for which its weight has not added up, as Envoy does it; with equal ones, nobody does, and it
 * is the paper's pseudocode 1.
 *
 * Source: D. Eisenbud et al., "Maglev: a fast and reliable software network load balancer" (NSDI 2016), §3.4; Envoy, maglev_lb.cc.
 * Cost: O(M log M) expected for equal weights; O(M × backends) at worst where one weight exceeds all others.
 *
 * @param permutations - In the order of the turns, one or more.
 * @param weights - Of the same order; only proportions count.
 * @param size - M, a prime, so that every permutation visits all slots.
 * @returns The backend of each slot, by its place in the order of turns.
 */
export function maglevTable(
  permutations: readonly MaglevPermutation[],
  weights: readonly number[],
  size: number,
): Int32Array {
  const table = new Int32Array(size).fill(-1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => weight / total);
  const largest = shares.reduce((most, share) => Math.max(most, share), 0);
  const targets = new Float64Array(permutations.length);
  const slots = Float64Array.from(permutations, ({ offset }) => offset);
  let filled = 0;
  for (let turn = 1; filled < size; turn++) {
    for (let place = 0; place < permutations.length && filled < size; place++) {
      if (turn * (shares[place] ?? 0) < (targets[place] ?? 0)) continue;
      targets[place] = (targets[place] ?? 0) + largest;
      const skip = permutations[place]?.skip ?? 1;
      let slot = slots[place] ?? 0;
      while (table[slot] !== -1) slot = (slot + skip) % size;
      table[slot] = place;
      slots[place] = (slot + skip) % size;
      filled++;
    }
  }
  return table;
}

/** Is `value`, a whole number up to 2^31, a prime? */
export function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false;
  return true;
}
