import { z } from 'zod';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';

/** The replica with the fewest open requests; a coin decides between equals. */
class FewestOpen implements Balancer {
  readonly #random: BalancerContext['random'];

  constructor({ random }: BalancerContext) {
    this.#random = random;
  }

  update(): void {}

  pick(eligible: readonly Backend[]): Backend {
    let [best] = eligible;
    if (best === undefined) throw new RangeError('eligible: found an empty list, accepted: at least one backend');
    for (const each of eligible) {
      if (each.inFlight < best.inFlight || (each.inFlight === best.inFlight && this.#random.next() < 0.5)) best = each;
    }
    return best;
  }

  onDone(): void {}
}

export const fewestOpen: BalancerDefinition<Record<string, never>> = {
  name: 'fewest-open',
  summary: 'The replica with the fewest open requests.',
  source: 'the README',
  complexity: 'O(eligible)',
  weakness: 'Blind to weight, and to what other gateways have open.',
  options: z.strictObject({}),
  create: (context) => new FewestOpen(context),
};
