import { z } from 'zod';

/** The option that every rebalancer has. */
export const holdMs = z
  .number()
  .min(0)
  .default(10_000)
  .describe('A partition that moved less than this ago is left alone, unless it has to leave its node.');
