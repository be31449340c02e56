import type { Word64 } from '../../hash/word64.ts';
import { lastInFirstOut, rankedBuckets } from './ranked-buckets.ts';
import { murmurRehash, type Rehash } from './rehash.ts';

/** Draws before a key falls back to the lower power of two, as of the published code. */
const maxDraws = 64;

/**
 * FlipHash: the bucket of `hash` among `buckets`. For a power of two it is the hash's low bits, those below the highest
 * set one flipped by another hash; where that is too large, further hashes decide between the upper half and the lower
 * power of two.
 *
 * Source: C. Masson, H. K. Lee, "FlipHash: A constant-time consistent range-hashing algorithm" (2024); hashes as of
 * SUPSI's Java code.
 *
 * @param buckets - A whole number from 1 to 2^30.
 */
export function flip(hash: Word64, buckets: number, rehash: Rehash): number {
  const zeros = Math.clz32(buckets);
  const mask = -1 >>> zeros;
  const first = flipped(hash, mask, rehash);
  if (first < buckets) return first;
  const lower = mask >>> 1;
  for (let draw = 1; draw <= maxDraws; draw++) {
    const bucket = rehash(hash, zeros, draw) & mask;
    if (bucket <= lower) break;
    if (bucket < buckets) return bucket;
  }
  return flipped(hash, lower, rehash);
}

/** The bucket among a power of two, whose last one is `mask`. */
function flipped(hash: Word64, mask: number, rehash: Rehash): number {
  const bits = hash.low & mask;
  if (bits === 0) return 0;
  const zeros = Math.clz32(bits);
  // The bits count from the highest of a word of 64.
  return bits ^ (rehash(hash, zeros + 32) & (0x7fffffff >>> zeros));
}

export const flipHash = rankedBuckets(
  {
    name: 'flip',
    summary: 'FlipHash: flipped low bits for a power of two, and a few draws that decide where the rest stands.',
    source:
      'C. Masson, H. K. Lee, "FlipHash: A constant-time consistent range-hashing algorithm" (2024); hashes as of SUPSI’s Java code.',
    complexity: 'Look-up O(1) expected a replica; memory O(nodes) for their names.',
    weakness: lastInFirstOut,
  },
  (hash, buckets) => flip(hash, buckets, murmurRehash),
);
