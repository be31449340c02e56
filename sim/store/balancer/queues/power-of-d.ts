import { z } from 'zod';
import type { BalancerContext, BalancerDefinition } from '../balancer.ts';
import { LeastOfFew } from './least-of-few.ts';

const options = z.strictObject({
  d: z
    .int()
    .min(1)
    .max(64)
    .default(3)
    .describe('How many distinct backends are looked at for a pick; all of them where there are fewer.'),
});

/** Options of the balancer `power-of-d`. */
export type PowerOfDOptions = z.infer<typeof options>;

export const powerOfD: BalancerDefinition<PowerOfDOptions> = {
  name: 'power-of-d',
  summary: 'Draws d distinct eligible backends and picks the one with the fewest requests in flight per weight.',
  source:
    'M. Mitzenmacher, "The power of two choices in randomized load balancing" (2001), the supermarket model for any d, without replacement. Queues grow like ln ln n / ln d.',
  complexity: 'Pick O(d²), independent of the number of backends; memory O(d).',
  weakness: 'Each choice beyond the second buys little, and with many gateways the same idle backend is found by all.',
  options,
  create: (context: BalancerContext, chosen) => new LeastOfFew(context.random, chosen.d),
};
