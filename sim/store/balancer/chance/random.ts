import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { drawByWeight, firstOf, haveOneWeight } from '../eligible.ts';

const options = z.strictObject({
  weighted: z.boolean().default(true).describe('Draw in proportion to weight; false: all backends alike.'),
});

/** Options of the balancer `random`. */
export type RandomOptions = z.infer<typeof options>;

/** A draw among the eligible backends, blind to everything but their weight: what chance alone does. */
class RandomBalancer implements Balancer {
  readonly #random: RandomStream;
  readonly #weighted: boolean;
  /** Backends of one weight need no scan over the eligible. */
  #alike = true;

  constructor(random: RandomStream, weighted: boolean) {
    this.#random = random;
    this.#weighted = weighted;
  }

  update(backends: readonly Backend[]): void {
    this.#alike = !this.#weighted || haveOneWeight(backends);
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    if (this.#alike) return eligible[this.#random.below(eligible.length)] ?? first;
    return drawByWeight(eligible, this.#random);
  }

  onDone(): void {
    // Keeps no state.
  }
}

export const random: BalancerDefinition<RandomOptions> = {
  name: 'random',
  summary: 'Draws one of the eligible backends, in proportion to weight.',
  source: 'The null model. Loads of n requests on n backends peak at about ln n / ln ln n (balls into bins).',
  complexity: 'Pick O(1), or O(eligible) where weights differ; memory O(1).',
  weakness: 'Short queues stand beside long ones: it never looks at load, latency or failures.',
  options,
  create: (context: BalancerContext, chosen) => new RandomBalancer(context.random, chosen.weighted),
};
