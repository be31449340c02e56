import { Word64 } from '../../hash/word64.ts';
import { lastInFirstOut, rankedBuckets } from './ranked-buckets.ts';

/** Second attempts before a key falls back to the smaller tree, as of the authors' code. */
const attempts = 4;

const squared = new Word64();
const again = new Word64();

/**
 * BinomialHash: the bucket of `hash` among `buckets`. The hash picks a leaf of the smallest full binary tree that holds
 * all buckets; where the leaf is too large, another hash does, and at last a leaf of the tree of half the size.
 *
 * Source: M. Coluzzi et al., "BinomialHash: A constant time, minimal memory consistent hashing algorithm" (2024).
 *
 * @param buckets - A whole number from 1 to 2^30.
 */
export function binomial(hash: Word64, buckets: number): number {
  if (buckets < 2) return 0;
  const enclosing = -1 >>> Math.clz32(buckets - 1);
  const minor = enclosing >>> 1;
  const first = relocate(hash.low & enclosing, hash);
  if (first < buckets) return first;
  again.copy(hash);
  for (let attempt = 0; attempt < attempts; attempt++) {
    again.set(0, rehash(again, enclosing));
    const bucket = relocate(again.low & enclosing, again);
    if (bucket <= minor) break;
    if (bucket < buckets) return bucket;
  }
  return relocate(hash.low & minor, hash);
}

/** Another bucket on the level of `bucket`, the buckets of one highest bit. */
function relocate(bucket: number, hash: Word64): number {
  if (bucket < 2) return bucket;
  const start = 1 << (31 - Math.clz32(bucket));
  const filter = start - 1;
  return start + (rehash(hash, filter) & filter);
}

/** The upper half of the seed times the square of a linear congruential step. */
function rehash(hash: Word64, seed: number): number {
  squared.copy(hash).multiply(0x27bb2ee6, 0x87b0b0fd).add(0, 1);
  return squared.multiply(squared.high, squared.low).multiply(0, seed).high;
}

export const binomialHash = rankedBuckets(
  {
    name: 'binomial',
    summary:
      'BinomialHash: a leaf of the smallest full tree over the nodes, or of the tree of half the size, by integers only.',
    source:
      'M. Coluzzi et al., "BinomialHash: A constant time, minimal memory consistent hashing algorithm" (2024); hashes as of the authors’ code.',
    complexity: 'Look-up O(1) a replica; memory O(nodes) for their names.',
    weakness: `${lastInFirstOut} Slightly uneven just above a power of two, for it gives up after four attempts.`,
  },
  binomial,
);
