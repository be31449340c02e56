import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import { strict } from '../fields.ts';
import type { Arrivals } from './arrivals.ts';

/** Independent requests of many clients: exponential distances. */
export const poissonSchema = strict({ kind: z.literal('poisson') });

export class PoissonArrivals implements Arrivals {
  gap(stream: RandomStream): number {
    return stream.exponential(1);
  }

  describe(): string {
    return 'Poisson';
  }
}
