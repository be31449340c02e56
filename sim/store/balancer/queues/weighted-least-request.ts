import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { firstOf, haveOneWeight } from '../eligible.ts';
import { Deadlines } from '../turns/deadlines.ts';

const options = z.strictObject({
  choiceCount: z
    .int()
    .min(2)
    .max(64)
    .default(2)
    .describe('How many backends are looked at, with replacement, while all have one weight.'),
  activeRequestBias: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('Where weights differ: a backend counts as weight / (requests in flight + 1)^bias; 0: by weight alone.'),
});

/** Options of the balancer `weighted-least-request`. */
export type WeightedLeastRequestOptions = z.infer<typeof options>;

/**
 * While all backends have one weight, the one with the fewest requests of a few that are drawn; else earliest deadline
 * first, by weights that requests in flight lower at the moment of the pick.
 */
class WeightedLeastRequest implements Balancer {
  readonly #random: RandomStream;
  readonly #choiceCount: number;
  readonly #bias: number;
  readonly #deadlines: Deadlines;
  readonly #weightOf = (backend: Backend): number => this.#biased(backend);
  #alike = true;

  constructor(random: RandomStream, { choiceCount, activeRequestBias }: WeightedLeastRequestOptions) {
    this.#random = random;
    this.#choiceCount = choiceCount;
    this.#bias = activeRequestBias;
    this.#deadlines = new Deadlines(random);
  }

  update(backends: readonly Backend[]): void {
    this.#alike = haveOneWeight(backends);
    this.#deadlines.update(backends, this.#weightOf);
  }

  pick(eligible: readonly Backend[]): Backend {
    if (this.#alike) return this.#fewestOfDrawn(eligible);
    const picked = this.#deadlines.earliest(eligible);
    this.#deadlines.set(picked, this.#biased(picked));
    return picked;
  }

  onDone(): void {
    // Looks at requests in flight only.
  }

  #fewestOfDrawn(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    const count = eligible.length;
    if (count === 1) return first;
    let fewest = eligible[this.#random.below(count)] ?? first;
    for (let drawn = 1; drawn < this.#choiceCount; drawn++) {
      const other = eligible[this.#random.below(count)] ?? first;
      if (other.inFlight < fewest.inFlight) fewest = other;
    }
    return fewest;
  }

  #biased({ weight, inFlight }: Backend): number {
    if (this.#bias === 1) return weight / (inFlight + 1);
    return this.#bias === 0 ? weight : weight / Math.exp(this.#bias * Math.log(inFlight + 1));
  }
}

export const weightedLeastRequest: BalancerDefinition<WeightedLeastRequestOptions> = {
  name: 'weighted-least-request',
  summary:
    'Equal weights: fewest requests in flight of two drawn with replacement. Else turns by weight / (requests in flight + 1)^bias.',
  source:
    'Envoy, LEAST_REQUEST (least_request_lb.cc), N_CHOICES. Its slow start is the gateway’s policy slow-start here, which lowers the weight by the same formula.',
  complexity: 'Equal weights: pick O(choiceCount). Else O(eligible); memory O(backends).',
  weakness:
    'Draws with replacement find one backend twice, so a choice is wasted. By deadlines, load counts when a turn is set, not when it comes: a burst is noticed a turn late.',
  options,
  create: (context: BalancerContext, chosen) => new WeightedLeastRequest(context.random, chosen),
};
