import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import { strict } from '../fields.ts';
import type { Popularity } from './popularity.ts';

/** Every key is asked for equally often. */
export const uniformSchema = strict({ kind: z.literal('uniform') });

export class UniformPopularity implements Popularity {
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  rank(stream: RandomStream): number {
    return stream.below(this.#count);
  }

  describe(): string {
    return 'uniform';
  }
}
