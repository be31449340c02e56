import { z } from 'zod';
import type { BalancerContext, BalancerDefinition } from '../balancer.ts';
import { LeastOfFew } from './least-of-few.ts';

const options = z.strictObject({
  choices: z.int().min(1).max(16).default(2).describe('How many distinct backends are looked at for a pick.'),
});

/** Options of the balancer `power-of-two`. */
export type PowerOfTwoOptions = z.infer<typeof options>;

export const powerOfTwo: BalancerDefinition<PowerOfTwoOptions> = {
  name: 'power-of-two',
  summary: 'Draws two eligible backends and picks the one with fewer requests in flight per weight.',
  source:
    'M. Mitzenmacher, "The power of two choices in randomized load balancing" (2001); Vvedenskaya, Dobrushin, Karpelevich (1996). Sampling is without replacement; choices = 1 is a uniform draw.',
  complexity: 'Pick O(choices²), independent of the number of backends; memory O(choices).',
  weakness:
    'Draws blind to weight, so a small backend is looked at as often as a big one; knows this gateway’s requests only.',
  options,
  create: (context: BalancerContext, chosen) => new LeastOfFew(context.random, chosen.choices),
};
