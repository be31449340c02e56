import { Word64 } from '../../hash/word64.ts';
import { lastInFirstOut, rankedBuckets } from './ranked-buckets.ts';

const state = new Word64();

/**
 * Jump consistent hash: the bucket of `hash` among `buckets`. It follows the sizes at which the key would have moved
 * to the newest bucket, each found from the one before by one draw of a linear congruential generator.
 *
 * Source: J. Lamping, E. Veach, "A fast, minimal memory, consistent hash algorithm" (2014).
 *
 * @param buckets - A whole number from 1 to 2^31 − 1.
 */
export function jump(hash: Word64, buckets: number): number {
  state.copy(hash);
  let bucket = 0;
  let next = 0;
  while (next < buckets) {
    bucket = next;
    state.multiply(0x27bb2ee6, 0x87b0b0fd).add(0, 1);
    next = Math.floor((bucket + 1) * (0x80000000 / ((state.high >>> 1) + 1)));
  }
  return bucket;
}

export const jumpHash = rankedBuckets(
  {
    name: 'jump',
    summary: 'Jump consistent hash: the bucket follows from the hash and the number of nodes alone, without a table.',
    source: 'J. Lamping, E. Veach, "A fast, minimal memory, consistent hash algorithm" (2014).',
    complexity: 'Look-up O(ln nodes) a replica; memory O(nodes) for their names.',
    weakness: lastInFirstOut,
  },
  jump,
);
