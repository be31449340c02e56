import { splitMix64 } from '../hash/splitmix64.ts';
import { Word64 } from '../hash/word64.ts';

/**
 * The 64-bit hashes of one partition, as many as are asked for: the numbers of SplitMix64 from a state that is the
 * partition's own. The states of two partitions differ in the upper half alone and those of two steps in the lower,
 * so that no two partitions have a hash in common before 2^32 of them.
 */
export class PartitionHashes {
  readonly #state = new Word64();

  /** Goes to the start of the sequence of `partition`. */
  start(partition: number): void {
    this.#state.set(partition, 0x9d39247e);
  }

  next(out: Word64): void {
    splitMix64(this.#state, out);
  }
}
