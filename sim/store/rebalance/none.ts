import { z } from 'zod';
import type { Rebalancer, RebalancerDefinition } from './rebalancer.ts';

const options = z.strictObject({});

/** Never moves anything. */
export const none: RebalancerDefinition<unknown> = {
  name: 'none',
  summary: 'Never moves a partition: new nodes stay empty and draining ones stay full.',
  source: 'the null model',
  complexity: 'O(1)',
  weakness: 'Everything; it shows what rebalancing is worth.',
  options,
  create(): Rebalancer {
    return { plan: () => [] };
  },
};
