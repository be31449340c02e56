/**
 * The hashes of one key as numbers below a bound: what algorithms that hash again and again take of a hash function.
 */
export interface Draws {
  /** The first one, 0 to `bound` − 1. */
  first(bound: number): number;
  /** The one after, where the last one led to `bucket`, which is gone. */
  again(bucket: number, bound: number): number;
}
