import { z } from 'zod';
import { kindsOf } from '../fields.ts';
import type { Popularity } from './popularity.ts';
import { UniformPopularity, uniformSchema } from './uniform.ts';
import { ZipfPopularity, zipfSchema } from './zipf.ts';

/** Which objects are asked for: one file a kind. */
export const popularitySchema = z.discriminatedUnion('kind', [zipfSchema, uniformSchema], kindsOf(['zipf', 'uniform']));

export function createPopularity(spec: z.output<typeof popularitySchema>, count: number): Popularity {
  switch (spec.kind) {
    case 'zipf':
      return new ZipfPopularity(count, spec.exponent);
    case 'uniform':
      return new UniformPopularity(count);
  }
}
