import { mix32 } from './hash.ts';

/**
 * A seeded one-to-one map of [0, count) onto itself without a table: a four-round Feistel network over
 * the next even power of two, walked along its cycle until it lands inside (Black & Rogaway,
 * "Ciphers with arbitrary finite domains", 2002). Fewer than four steps are expected.
 *
 * It decides which names are hot, so that popular keys are spread over the key space.
 */
export class Permutation {
  readonly count: number;
  readonly #halfBits: number;
  readonly #mask: number;
  readonly #roundKeys: readonly number[];

  /** `count` from 1 to 2^30. */
  constructor(count: number, seed: number) {
    this.count = count;
    let halfBits = 1;
    while (1 << (2 * halfBits) < count && halfBits < 15) halfBits++;
    this.#halfBits = halfBits;
    this.#mask = (1 << halfBits) - 1;
    this.#roundKeys = [1, 2, 3, 4].map((round) => mix32(seed ^ Math.imul(round, 0x9e3779b9)));
  }

  /** The image of `index`; both in [0, count). */
  at(index: number): number {
    let x = index;
    do x = this.#scramble(x);
    while (x >= this.count);
    return x;
  }

  #scramble(index: number): number {
    let left = index >>> this.#halfBits;
    let right = index & this.#mask;
    for (const key of this.#roundKeys) {
      const next = left ^ (mix32(right ^ key) & this.#mask);
      left = right;
      right = next;
    }
    return (left << this.#halfBits) | right;
  }
}
