import { z } from 'zod';
import type { RandomStream } from '../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from './balancer.ts';
import { firstOf, isLessLoaded } from './eligible.ts';

const options = z.strictObject({
  choices: z.int().min(1).max(16).default(2).describe('How many distinct backends are looked at for a pick.'),
});

/** Options of the balancer `power-of-two`. */
export type PowerOfTwoOptions = z.infer<typeof options>;

/** The least loaded of a few backends drawn without replacement; among equals, the one drawn first. */
class PowerOfTwo implements Balancer {
  readonly #random: RandomStream;
  readonly #choices: number;
  /** Positions drawn for the current pick, ascending. */
  readonly #drawn: Int32Array;

  constructor(random: RandomStream, choices: number) {
    this.#random = random;
    this.#choices = choices;
    this.#drawn = new Int32Array(choices);
  }

  update(): void {
    // Keeps no state.
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    const count = eligible.length;
    if (count === 1) return first;
    let least = eligible[this.#draw(0, count)] ?? first;
    const choices = Math.min(this.#choices, count);
    for (let drawn = 1; drawn < choices; drawn++) {
      const other = eligible[this.#draw(drawn, count)] ?? first;
      if (isLessLoaded(other, least)) least = other;
    }
    return least;
  }

  onDone(): void {
    // Keeps no state.
  }

  /** One of the positions below `count` that are not yet among the `taken` drawn ones, each as likely. */
  #draw(taken: number, count: number): number {
    let position = this.#random.below(count - taken);
    let rank = 0;
    for (; rank < taken; rank++) {
      if (position < (this.#drawn[rank] ?? count)) break;
      position++;
    }
    for (let later = taken; later > rank; later--) this.#drawn[later] = this.#drawn[later - 1] ?? count;
    this.#drawn[rank] = position;
    return position;
  }
}

export const powerOfTwo: BalancerDefinition<PowerOfTwoOptions> = {
  name: 'power-of-two',
  summary: 'Draws two eligible backends and picks the one with fewer requests in flight per weight.',
  source:
    'M. Mitzenmacher, "The power of two choices in randomized load balancing" (2001); Vvedenskaya, Dobrushin, Karpelevich (1996). Sampling is without replacement; choices = 1 is a uniform draw.',
  complexity: 'Pick O(choices²), independent of the number of backends; memory O(choices).',
  weakness:
    'Draws blind to weight, so a small backend is looked at as often as a big one; knows this gateway’s requests only.',
  options,
  create: (context: BalancerContext, chosen) => new PowerOfTwo(context.random, chosen.choices),
};
