import { z } from 'zod';
import { kindsOf } from '../fields.ts';
import { FixedSizes, fixedSchema } from './fixed.ts';
import { LognormalSizes, lognormalSchema } from './lognormal.ts';
import type { SizeModel } from './size-model.ts';

/** How large objects are: one file a kind. */
export const sizesSchema = z.discriminatedUnion(
  'kind',
  [fixedSchema, lognormalSchema],
  kindsOf(['fixed', 'lognormal']),
);

export function createSizes(spec: z.output<typeof sizesSchema>): SizeModel {
  switch (spec.kind) {
    case 'fixed':
      return new FixedSizes(spec);
    case 'lognormal':
      return new LognormalSizes(spec);
  }
}
