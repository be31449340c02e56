import { splitMix64 } from '../../hash/splitmix64.ts';
import { Word64 } from '../../hash/word64.ts';
import { lastInFirstOut, rankedBuckets } from './ranked-buckets.ts';

const state = new Word64();
const first = new Word64();
const later = new Word64();

/**
 * JumpBackHash: the bucket of `hash` among `buckets`. It visits the sizes at which the key would have moved from the
 * largest down, a power of two at a time, and stops at the first that is not too large, hence in constant time.
 * The random numbers are SplitMix64's, as of hash4j.
 *
 * Source: O. Ertl, "JumpBackHash: Say goodbye to the modulo operation to distribute keys uniformly to buckets" (2024).
 *
 * @param buckets - A whole number from 1 to 2^31 − 1.
 */
export function jumpBack(hash: Word64, buckets: number): number {
  if (buckets === 1) return 0;
  splitMix64(state.copy(hash), first);
  let levels = (first.low ^ first.high) & (-1 >>> Math.clz32(buckets - 1));
  while (levels !== 0) {
    const start = highestBit(levels);
    const half = bitCountIsOdd(levels) ? first.high : first.low;
    const bucket = start + (half & (start - 1));
    if (bucket < buckets) return bucket;
    const found = lower(start, buckets);
    if (found >= start) return found;
    levels ^= start;
  }
  return 0;
}

/** The next bucket down that is no more too large; less than `start` where it is none of this level. */
function lower(start: number, buckets: number): number {
  const range = start * 2 - 1;
  for (;;) {
    splitMix64(state, later);
    let bucket = later.low & range;
    if (bucket < buckets) return bucket;
    bucket = later.high & range;
    if (bucket < buckets) return bucket;
  }
}

function highestBit(bits: number): number {
  return 1 << (31 - Math.clz32(bits));
}

function bitCountIsOdd(bits: number): boolean {
  let folded = bits ^ (bits >>> 16);
  folded ^= folded >>> 8;
  folded ^= folded >>> 4;
  return ((0x6996 >>> (folded & 0xf)) & 1) === 1;
}

export const jumpBackHash = rankedBuckets(
  {
    name: 'jump-back',
    summary:
      'JumpBackHash: as even and as stable as jump, in constant time, for it visits the jumps from the last one back.',
    source:
      'O. Ertl, "JumpBackHash: Say goodbye to the modulo operation to distribute keys uniformly to buckets" (2024); numbers as of hash4j.',
    complexity: 'Look-up O(1) expected a replica; memory O(nodes) for their names.',
    weakness: lastInFirstOut,
  },
  jumpBack,
);
