import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import { notNegative, strict } from '../fields.ts';
import type { Popularity } from './popularity.ts';

/** The key of rank r (from 1) is asked for in proportion to r^-exponent; 0 is uniform, web and cache traffic lies near 1. */
export const zipfSchema = strict({ kind: z.literal('zipf'), exponent: notNegative });

/**
 * Exact Zipf draws for any exponent from 0 and any count, in constant time and memory: rejection-inversion
 * (Hörmann & Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions",
 * ACM TOMACS 6(3), 1996). The continuous density x^-s is inverted, and the rank to which the point rounds
 * is kept with the probability that makes the result exact; more than 80 % are kept at the first try.
 */
export class ZipfPopularity implements Popularity {
  readonly #count: number;
  readonly #exponent: number;
  /** Integral at the left end: of the whole histogram bar of rank 1, and up to rank `count`. */
  readonly #from: number;
  readonly #to: number;
  /** A point at most this far below its rank is kept without a look at the density. */
  readonly #squeeze: number;

  constructor(count: number, exponent: number) {
    this.#count = count;
    this.#exponent = exponent;
    this.#from = this.#integral(1.5) - 1;
    this.#to = this.#integral(count + 0.5);
    this.#squeeze = 2 - this.#inverse(this.#integral(2.5) - this.#density(2));
  }

  rank(stream: RandomStream): number {
    for (;;) {
      const area = this.#to + stream.next() * (this.#from - this.#to);
      const x = this.#inverse(area);
      const rank = Math.min(this.#count, Math.max(1, Math.floor(x + 0.5)));
      if (rank - x <= this.#squeeze || area >= this.#integral(rank + 0.5) - this.#density(rank)) return rank - 1;
    }
  }

  describe(): string {
    return `Zipf ${this.#exponent}`;
  }

  /** x^-s */
  #density(x: number): number {
    return Math.exp(-this.#exponent * Math.log(x));
  }

  /** The integral of x^-s from 1 to x: (x^(1-s) - 1) / (1 - s), and its limit log x at s = 1. */
  #integral(x: number): number {
    const log = Math.log(x);
    const power = (1 - this.#exponent) * log;
    return power === 0 ? log : (log * Math.expm1(power)) / power;
  }

  /** The x at which the integral has this value. */
  #inverse(area: number): number {
    // The lower bound catches rounding just below the end of the support when s > 1.
    const power = Math.max(-1, area * (1 - this.#exponent));
    return power === 0 ? Math.exp(area) : Math.exp((area * Math.log1p(power)) / power);
  }
}
