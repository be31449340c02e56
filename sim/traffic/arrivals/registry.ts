import { z } from 'zod';
import { kindsOf } from '../fields.ts';
import type { Arrivals } from './arrivals.ts';
import { ConstantArrivals, constantSchema } from './constant.ts';
import { PoissonArrivals, poissonSchema } from './poisson.ts';

/** When requests come: one file a kind. */
export const arrivalsSchema = z.discriminatedUnion(
  'kind',
  [poissonSchema, constantSchema],
  kindsOf(['poisson', 'constant']),
);

export function createArrivals(spec: z.output<typeof arrivalsSchema>): Arrivals {
  switch (spec.kind) {
    case 'poisson':
      return new PoissonArrivals();
    case 'constant':
      return new ConstantArrivals();
  }
}
