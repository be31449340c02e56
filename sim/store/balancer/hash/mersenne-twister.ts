const SIZE = 624;
const MIDDLE = 397;

/**
 * MT19937, 32 bits, seeded by one number: C++'s `std::mt19937`. Only for where a reference draws from it; the randomness of a
 * run comes from the host.
 *
 * Source: M. Matsumoto, T. Nishimura, "Mersenne Twister" (1998), with the initialisation of 2002.
 */
export class MersenneTwister {
  readonly #state = new Int32Array(SIZE);
  #at = 0;

  seed(seed: number): void {
    const state = this.#state;
    let previous = seed | 0;
    state[0] = previous;
    for (let i = 1; i < SIZE; i++) {
      previous = (Math.imul(previous ^ (previous >>> 30), 1812433253) + i) | 0;
      state[i] = previous;
    }
    this.#at = 0;
  }

  /** Seeds it as Python's `random.seed` does for a whole number below 2^32: by an array of one word. */
  seedByWord(word: number): void {
    this.seed(19650218);
    const state = this.#state;
    let at = 1;
    for (let step = 0; step < SIZE; step++) {
      const before = state[at - 1] ?? 0;
      state[at] = (((state[at] ?? 0) ^ Math.imul(before ^ (before >>> 30), 1664525)) + word) | 0;
      if (++at === SIZE) {
        state[0] = state[SIZE - 1] ?? 0;
        at = 1;
      }
    }
    for (let step = 1; step < SIZE; step++) {
      const before = state[at - 1] ?? 0;
      state[at] = (((state[at] ?? 0) ^ Math.imul(before ^ (before >>> 30), 1566083941)) - at) | 0;
      if (++at === SIZE) {
        state[0] = state[SIZE - 1] ?? 0;
        at = 1;
      }
    }
    state[0] = 0x80000000 | 0;
  }

  /** Uniform in [0, 1) with 53 bits: Python's `random.random`. */
  nextUnit(): number {
    const high = this.next() >>> 5;
    return (high * 0x4000000 + (this.next() >>> 6)) / 0x20000000000000;
  }

  /** The next number, unsigned 32 bits. Each word of the state is renewed when it is drawn, not all of them at once. */
  next(): number {
    const state = this.#state;
    const at = this.#at;
    const following = at + 1 === SIZE ? 0 : at + 1;
    const joined = ((state[at] ?? 0) & 0x80000000) | ((state[following] ?? 0) & 0x7fffffff);
    let word = (state[(at + MIDDLE) % SIZE] ?? 0) ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    state[at] = word;
    this.#at = following;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  }

  /** Uniform below `bound`, by Envoy's way of rejection. */
  below(bound: number): number {
    const width = Math.floor(0x100000000 / bound);
    for (;;) {
      const drawn = Math.floor(this.next() / width);
      if (drawn < bound) return drawn;
    }
  }
}
