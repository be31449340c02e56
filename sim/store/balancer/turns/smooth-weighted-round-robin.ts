import { z } from 'zod';
import type { AttemptOutcome, Backend, Balancer, BalancerDefinition } from '../balancer.ts';
import { SmoothWeights } from './smooth-weights.ts';

const options = z.strictObject({
  maxFails: z
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe('A failure lowers the effective weight by weight / maxFails; 0: failures cost nothing.'),
});

/** Options of the balancer `smooth-weighted-round-robin`. */
export type SmoothWeightedRoundRobinOptions = z.infer<typeof options>;

class SmoothWeightedRoundRobin implements Balancer {
  readonly #weights: SmoothWeights;

  constructor(maxFails: number) {
    this.#weights = new SmoothWeights(maxFails);
  }

  update(backends: readonly Backend[]): void {
    this.#weights.update(backends);
  }

  pick(eligible: readonly Backend[]): Backend {
    return this.#weights.step(eligible);
  }

  onDone(backend: Backend, outcome: AttemptOutcome): void {
    if (outcome === 'failed' || outcome === 'timeout') this.#weights.fail(backend.id);
  }
}

export const smoothWeightedRoundRobin: BalancerDefinition<SmoothWeightedRoundRobinOptions> = {
  name: 'smooth-weighted-round-robin',
  summary:
    'Takes turns in proportion to weight, evenly spread in time (5, 1, 1 gives a a b a c a a); failures lower the weight for a while.',
  source:
    'nginx, ngx_http_upstream_round_robin.c. Skipping a failed server for fail_timeout is left to the gateway, which decides who is eligible.',
  complexity: 'Pick O(eligible); memory O(backends).',
  weakness: 'Counts requests, not work: a slow backend or a few costly requests build a queue that it does not see.',
  options,
  create: (_context, chosen) => new SmoothWeightedRoundRobin(chosen.maxFails),
};
