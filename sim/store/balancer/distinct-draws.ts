import type { RandomStream } from '../../host.ts';

/** Draws positions without replacement, one by one, each set as likely. Allocates nothing. */
export class DistinctDraws {
  readonly #random: RandomStream;
  /** Positions drawn so far, ascending. */
  readonly #drawn: Int32Array;
  #taken = 0;
  #count = 0;

  /** @param most - How many positions are drawn at most between two calls of {@link among}. */
  constructor(random: RandomStream, most: number) {
    this.#random = random;
    this.#drawn = new Int32Array(most);
  }

  /** Begins anew: the next draws are among the positions below `count`. */
  among(count: number): void {
    this.#taken = 0;
    this.#count = count;
  }

  /** A position that was not drawn yet. There must be one left. */
  next(): number {
    const taken = this.#taken++;
    let position = this.#random.below(this.#count - taken);
    let rank = 0;
    for (; rank < taken; rank++) {
      if (position < (this.#drawn[rank] ?? this.#count)) break;
      position++;
    }
    for (let later = taken; later > rank; later--) this.#drawn[later] = this.#drawn[later - 1] ?? this.#count;
    this.#drawn[rank] = position;
    return position;
  }
}
