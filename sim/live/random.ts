import { randomBytes } from 'node:crypto';
import seedrandom from 'seedrandom';
import type { Random, RandomStream } from '../host.ts';

/** Random streams by purpose, from one seed: a given one, or one that the operating system draws. */
export class LiveRandom implements Random {
  readonly #seed: string;
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed = randomBytes(16).toString('hex')) {
    this.#seed = seed;
  }

  stream(purpose: string): RandomStream {
    const known = this.#streams.get(purpose);
    if (known !== undefined) return known;
    const stream = new LiveStream(`${this.#seed}/${purpose}`);
    this.#streams.set(purpose, stream);
    return stream;
  }
}

class LiveStream implements RandomStream {
  readonly #generator: seedrandom.PRNG;

  constructor(seed: string) {
    this.#generator = seedrandom.tychei(seed);
  }

  next(): number {
    return this.#generator.double();
  }

  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1) throw new RangeError(`bound must be an integer from 1, found ${bound}`);
    return Math.floor(this.#generator.double() * bound);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#generator.double());
  }

  /** Box and Muller's method, one of the pair. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.#generator.double()));
    return radius * Math.cos(2 * Math.PI * this.#generator.double());
  }
}
