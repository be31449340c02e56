import { describe, expect, it } from 'vitest';
import { splitMix64 } from '../../hash/splitmix64.ts';
import { Word64 } from '../../hash/word64.ts';
import { HashRing } from '../hash-ring.ts';

/** Shares of the circle, over their mean, of nodes with so many random points each, in ascending order. */
function shares(nodes: number, pointsPerNode: number): Float64Array {
  const [state, out] = [new Word64(pointsPerNode), new Word64()];
  const members = Array.from({ length: nodes }, (_, i) => ({ id: `node-${i}` }));
  const ring = new HashRing(members, () =>
    Array.from({ length: pointsPerNode }, () => {
      splitMix64(state, out);
      return out.high >>> 0;
    }),
  );
  const found = new Float64Array(nodes);
  for (let at = 0; at < ring.size; at++) {
    const arc = ((ring.points[at] ?? 0) - (ring.points[at === 0 ? ring.size - 1 : at - 1] ?? 0)) >>> 0;
    const owner = ring.owners[at] ?? 0;
    found[owner] = (found[owner] ?? 0) + (arc * nodes) / 0x100000000;
  }
  return found.sort();
}

describe('shares on a ring of 1,000 nodes', () => {
  /**
   * J. Lamping, E. Veach (2014), the table that sets the ring beside jump: standard error and 99 % interval of a bucket's size over the
   * mean. Of 1,000 shares the deviation is known to 2.2 %, five times that is allowed, with one point to 4.5 %
   * (an exponential distribution); the ends of the interval, each with five shares beyond it, to 20 % of their distance from 1.
   */
  it.each([
    [1, 0.997906, 0.005, 5.25, 0.16],
    [10, 0.315181, 0.37, 1.98, 0.11],
    [100, 0.0996996, 0.76, 1.28, 0.11],
  ])(
    'with %i points each they deviate by %f, and 99 %% of them are from %f to %f',
    (points, error, low, high, within) => {
      const found = shares(1000, points);
      const deviation = Math.sqrt(found.reduce((sum, share) => sum + (share - 1) * (share - 1), 0) / found.length);
      expect(Math.abs(deviation / error - 1)).toBeLessThan(within);
      expect(Math.abs((1 - (found[5] ?? 0)) / (1 - low) - 1)).toBeLessThan(0.2);
      expect(Math.abs(((found[994] ?? 0) - 1) / (high - 1) - 1)).toBeLessThan(0.2);
    },
  );
});
