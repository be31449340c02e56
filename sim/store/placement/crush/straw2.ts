import type { CrushBucket } from './crush-map.ts';
import { logsOfFractions } from './fixed-log.ts';
import { rjenkins3 } from './rjenkins.ts';

/**
 * Place of the item that draws the longest straw for input `x` and replica `r`: the logarithm of a hash divided by its weight, so
 * that an item whose weight changes takes from others or gives to them, and nothing moves between those. The first wins a tie;
 * a bucket whose weights are all 0 gives its first item.
 *
 * The quotient of doubles rounds to that of whole numbers: both are below 2^49, so no quotient lies nearer to a whole number than
 * 2^−49 of itself without being one.
 *
 * Source: Ceph, `bucket_straw2_choose`; S. Weil et al., "CRUSH" (SC 2006) for straws.
 */
export function straw2(bucket: CrushBucket, x: number, r: number): number {
  const { items, weights } = bucket;
  const logs = logsOfFractions();
  let longest = 0;
  let longestDraw = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < items.length; place++) {
    const weight = weights[place] ?? 0;
    if (weight === 0) continue;
    const draw = Math.trunc((logs[rjenkins3(x, items[place] ?? 0, r) & 0xffff] ?? 0) / weight);
    if (draw <= longestDraw) continue;
    longestDraw = draw;
    longest = place;
  }
  return longest;
}
