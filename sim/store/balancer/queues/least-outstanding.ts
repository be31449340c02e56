import { z } from 'zod';
import type { AttemptOutcome, Backend, Balancer, BalancerDefinition } from '../balancer.ts';
import { firstOf, isEquallyLoaded, isLessLoaded } from '../eligible.ts';
import { SmoothWeights } from '../turns/smooth-weights.ts';

const options = z.strictObject({
  maxFails: z
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe(
      'Among equally loaded backends, a failure lowers the effective weight by weight / maxFails; 0: failures cost nothing.',
    ),
});

/** Options of the balancer `least-outstanding`. */
export type LeastOutstandingOptions = z.infer<typeof options>;

/** Fewest requests in flight per weight; those that tie take turns by smooth weighted round robin. */
class LeastOutstanding implements Balancer {
  readonly #ties: SmoothWeights;

  constructor(maxFails: number) {
    this.#ties = new SmoothWeights(maxFails);
  }

  update(backends: readonly Backend[]): void {
    this.#ties.update(backends);
  }

  pick(eligible: readonly Backend[]): Backend {
    let least = firstOf(eligible);
    let ties = 0;
    for (const backend of eligible) {
      if (isLessLoaded(backend, least)) {
        least = backend;
        ties = 1;
      } else if (isEquallyLoaded(backend, least)) {
        ties++;
      }
    }
    return ties === 1 ? least : this.#ties.step(eligible, least);
  }

  onDone(backend: Backend, outcome: AttemptOutcome): void {
    if (outcome === 'failed' || outcome === 'timeout') this.#ties.fail(backend.id);
  }
}

export const leastOutstanding: BalancerDefinition<LeastOutstandingOptions> = {
  name: 'least-outstanding',
  summary:
    'Picks the backend with the fewest requests in flight per weight; ties take turns by smooth weighted round robin.',
  source: 'nginx, ngx_http_upstream_least_conn_module.c.',
  complexity: 'Pick O(eligible); memory O(backends).',
  weakness:
    'Knows this gateway’s requests only, and sends a flood to a backend that fails fast, since its requests are soon over.',
  options,
  create: (_context, chosen) => new LeastOutstanding(chosen.maxFails),
};
