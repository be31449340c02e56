import type { RandomStream } from '../../../host.ts';

/**
 * Draws positions in proportion to weight in O(1): each position keeps a part of an equal column and gives the rest of it
 * to one other, its alias.
 *
 * Source: A. J. Walker (1977), built in O(n) as M. D. Vose, "A linear algorithm for generating random numbers with a given
 * distribution" (1991), has it.
 */
export class AliasTable {
  /** Of each column, the part that is its own. */
  readonly #own: Float64Array;
  readonly #alias: Int32Array;

  /** @param weights - Each finite and above 0; at least one. */
  constructor(weights: readonly number[]) {
    const count = weights.length;
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / count;
    this.#own = Float64Array.from(weights, (weight) => weight / mean);
    this.#alias = Int32Array.from(weights, (_, position) => position);
    const small: number[] = [];
    const large: number[] = [];
    this.#own.forEach((part, position) => {
      (part < 1 ? small : large).push(position);
    });
    for (;;) {
      const poor = small.pop();
      const rich = large.pop();
      if (poor === undefined || rich === undefined) {
        // What is left differs from a whole column by rounding only.
        for (const position of [poor, rich, ...small, ...large]) if (position !== undefined) this.#own[position] = 1;
        return;
      }
      this.#alias[poor] = rich;
      const rest = (this.#own[rich] ?? 0) + (this.#own[poor] ?? 0) - 1;
      this.#own[rich] = rest;
      (rest < 1 ? small : large).push(rich);
    }
  }

  draw(random: RandomStream): number {
    const column = random.below(this.#own.length);
    return random.next() < (this.#own[column] ?? 1) ? column : (this.#alias[column] ?? column);
  }

  /** How likely a position is, by the table itself. O(n): for tests. */
  probability(position: number): number {
    let columns = this.#own[position] ?? 0;
    this.#alias.forEach((other, column) => {
      if (other === position && column !== position) columns += 1 - (this.#own[column] ?? 1);
    });
    return columns / this.#own.length;
  }
}
