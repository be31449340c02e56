import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { Deadlines } from './deadlines.ts';

const options = z.strictObject({});

/** Options of the balancer `earliest-deadline-first`: none. */
export type EarliestDeadlineFirstOptions = z.infer<typeof options>;

class EarliestDeadlineFirst implements Balancer {
  readonly #deadlines: Deadlines;

  constructor(random: RandomStream) {
    this.#deadlines = new Deadlines(random);
  }

  update(backends: readonly Backend[]): void {
    this.#deadlines.update(backends, weightOf);
  }

  pick(eligible: readonly Backend[]): Backend {
    const picked = this.#deadlines.earliest(eligible);
    this.#deadlines.set(picked, picked.weight);
    return picked;
  }

  onDone(): void {
    // Turns go on whatever the outcome.
  }
}

function weightOf({ weight }: Backend): number {
  return weight;
}

export const earliestDeadlineFirst: BalancerDefinition<EarliestDeadlineFirstOptions> = {
  name: 'earliest-deadline-first',
  summary:
    'Takes turns in proportion to weight: each backend is due again 1 / weight after its last turn, in virtual time.',
  source: 'Envoy, weighted round robin by its EdfScheduler, with the same random start.',
  complexity: 'Pick O(eligible), where Envoy has O(log backends) over a set that is fixed; memory O(backends).',
  weakness:
    'Backends of one weight are due together, so their turns come in runs, where smooth round robin would mix them with others. Counts requests, not work.',
  options,
  create: (context: BalancerContext) => new EarliestDeadlineFirst(context.random),
};
