import type { PopularityCurve } from './schema.ts';

/** Every rank up to this one is kept, then each is so many times the one before. */
const hottest = 8;
const spacing = 1.25;
/** Where the last key of these counts stands is kept, so that the share of keys met once is exact. */
const coldest = [4, 3, 2, 1];

/** Fits the curve to counts per key, sorted from hottest to coldest. */
export function fitCurve(counts: ArrayLike<number>): PopularityCurve {
  const kept = new Set<number>();
  for (let rank = 1; rank <= counts.length; rank = rank < hottest ? rank + 1 : Math.ceil(rank * spacing))
    kept.add(rank);
  for (const cold of coldest) {
    const last = lastRankOf(counts, cold);
    if (last > 0) kept.add(last);
  }
  kept.add(counts.length);
  const ranks = [...kept].sort((a, b) => a - b);
  const upTo: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= counts.length; rank++) {
    sum += counts[rank - 1] ?? 0;
    if (kept.has(rank)) upTo.push(sum);
  }
  return { ranks, counts: ranks.map((rank) => counts[rank - 1] ?? 0), upTo };
}

/** The last rank with at least this count, 0 if there is none. */
function lastRankOf(counts: ArrayLike<number>, count: number): number {
  let rank = counts.length;
  while (rank > 0 && (counts[rank - 1] ?? 0) < count) rank--;
  return rank;
}

/**
 * Counts per key, hottest first, along the curve. Between two kept ranks they fall by a power law, shifted
 * so that their sum is the recorded one: the share of the top k keys is exact at every kept rank.
 */
export function countsOf(curve: PopularityCurve): Uint32Array {
  const counts = new Uint32Array(curve.ranks.at(-1) ?? 0);
  let fromRank = 0;
  let fromCount = curve.counts[0] ?? 0;
  let fromSum = 0;
  curve.ranks.forEach((rank, i) => {
    const count = curve.counts[i] ?? 0;
    const sum = curve.upTo[i] ?? 0;
    fillSegment(counts, fromRank, fromCount, rank, count, sum - fromSum);
    fromRank = rank;
    fromCount = count;
    fromSum = sum;
  });
  return counts;
}

/** Fills the ranks after `fromRank` up to `rank`, whose key has `count`, so that they sum to `sum`. */
function fillSegment(
  counts: Uint32Array,
  fromRank: number,
  fromCount: number,
  rank: number,
  count: number,
  sum: number,
): void {
  const steepness = Math.log(fromCount / count) / Math.log(rank / Math.max(1, fromRank));
  const above = (r: number) =>
    fromCount === count || fromRank === 0 ? 0 : count * Math.expm1(steepness * Math.log(rank / r));
  let raw = 0;
  for (let r = fromRank + 1; r <= rank; r++) raw += above(r);
  const excess = sum - count * (rank - fromRank);
  const scale = raw > 0 ? excess / raw : 0;
  const even = raw > 0 ? 0 : excess / (rank - fromRank);
  let exact = 0;
  let given = 0;
  for (let r = fromRank + 1; r <= rank; r++) {
    exact += count + above(r) * scale + even;
    counts[r - 1] = Math.round(exact) - given;
    given = Math.round(exact);
  }
}
