import { z } from 'zod';
import { strict } from '../fields.ts';
import type { Arrivals } from './arrivals.ts';

/** Equal distances, as a load generator with a pacer makes them. */
export const constantSchema = strict({ kind: z.literal('constant') });

export class ConstantArrivals implements Arrivals {
  gap(): number {
    return 1;
  }

  describe(): string {
    return 'constant';
  }
}
