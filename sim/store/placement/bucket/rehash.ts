import type { Word64 } from '../../hash/word64.ts';
import { murmur3Word } from '../../hash.ts';

/** A further hash of a hash, one of many by one or two numbers: an unsigned or signed 32-bit number. */
export type Rehash = (hash: Word64, seed: number, step?: number) => number;

/** MurmurHash3 over the halves of the hash and the numbers. */
export const murmurRehash: Rehash = (hash, seed, step) => {
  const mixed = murmur3Word(seed, murmur3Word(hash.low, hash.high));
  return step === undefined ? mixed : murmur3Word(step, mixed);
};
