import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { drawByWeight, firstOf } from '../eligible.ts';
import { AliasTable } from './alias-table.ts';

const options = z.strictObject({});

/** Options of the balancer `weighted-random`: none. */
export type WeightedRandomOptions = z.infer<typeof options>;

/** A draw in proportion to weight: by alias table while all are eligible, else along the few that are. */
class WeightedRandom implements Balancer {
  readonly #random: RandomStream;
  #backends: readonly Backend[] = [];
  #aliases: AliasTable | undefined;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  update(backends: readonly Backend[]): void {
    this.#backends = backends;
    this.#aliases = backends.length === 0 ? undefined : new AliasTable(backends.map(({ weight }) => weight));
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    if (this.#aliases === undefined || eligible.length < this.#backends.length)
      return drawByWeight(eligible, this.#random);
    return this.#backends[this.#aliases.draw(this.#random)] ?? first;
  }

  onDone(): void {
    // Keeps no state.
  }
}

export const weightedRandom: BalancerDefinition<WeightedRandomOptions> = {
  name: 'weighted-random',
  summary: 'Draws in proportion to weight: by an alias table, in constant time, where every backend is eligible.',
  source:
    'A. J. Walker (1977); M. D. Vose (1991). As `random` does by weight, but in O(1) whatever the number of backends.',
  complexity: 'Pick O(1), O(eligible) where only some are eligible; update O(backends); memory O(backends).',
  weakness: 'As all blind draws: short queues stand beside long ones; it never looks at load, latency or failures.',
  options,
  create: (context: BalancerContext) => new WeightedRandom(context.random),
};
