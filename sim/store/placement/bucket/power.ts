import { Word64 } from '../../hash/word64.ts';
import { lastInFirstOut, rankedBuckets } from './ranked-buckets.ts';
import { murmurRehash, type Rehash } from './rehash.ts';

const state = new Word64();

/**
 * Power consistent hashing: the bucket of `hash` among `buckets`. For the next power of two the bucket is the hash's
 * low bits, shuffled on each level; where that is too large, a walk over the upper half as of jump, which takes two
 * steps in the mean, decides between the upper half and the lower power of two.
 *
 * Source: E. Leu, "Fast consistent hashing in constant time" (2023); hashes as of SUPSI's Java code.
 *
 * @param buckets - A whole number from 1 to 2^30.
 */
export function power(hash: Word64, buckets: number, rehash: Rehash): number {
  const upper = buckets === 1 ? 0 : -1 >>> Math.clz32(buckets - 1);
  const first = shuffled(hash, upper, rehash);
  if (first < buckets) return first;
  const lower = upper >>> 1;
  const second = climb(hash, lower, buckets);
  return second > lower ? second : shuffled(hash, lower, rehash);
}

/** The bucket among a power of two, whose last one is `mask`. */
function shuffled(hash: Word64, mask: number, rehash: Rehash): number {
  const bits = hash.low & mask;
  if (bits === 0) return 0;
  const highest = 1 << (31 - Math.clz32(bits));
  return highest + (rehash(hash, highest) & (highest - 1));
}

/** The last jump of the key below `buckets`, if the jumps start at `from`. */
function climb(hash: Word64, from: number, buckets: number): number {
  state.copy(hash);
  let bucket = from;
  for (;;) {
    state.multiply(0x27bb2ee6, 0x87b0b0fd).add(0, 1);
    const next = Math.floor((bucket + 1) / (((state.high >>> 1) + 1) / 0x80000000));
    if (next >= buckets) return bucket;
    bucket = next;
  }
}

export const powerHash = rankedBuckets(
  {
    name: 'power',
    summary: 'Power consistent hashing: shuffled low bits for a power of two, and a short jump walk over the rest.',
    source: 'E. Leu, "Fast consistent hashing in constant time" (2023); hashes as of SUPSI’s Java code.',
    complexity: 'Look-up O(1) expected a replica; memory O(nodes) for their names.',
    weakness: lastInFirstOut,
  },
  (hash, buckets) => power(hash, buckets, murmurRehash),
);
