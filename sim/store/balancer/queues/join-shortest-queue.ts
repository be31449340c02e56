import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { firstOf } from '../eligible.ts';

const options = z.strictObject({});

/** Options of the balancer `join-shortest-queue`: none. */
export type JoinShortestQueueOptions = z.infer<typeof options>;

/** The shortest queue of all; among equals each as likely. */
class JoinShortestQueue implements Balancer {
  readonly #random: RandomStream;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  update(): void {
    // Keeps no state.
  }

  pick(eligible: readonly Backend[]): Backend {
    let shortest = firstOf(eligible);
    let ties = 0;
    for (const backend of eligible) {
      if (backend.inFlight < shortest.inFlight) {
        shortest = backend;
        ties = 1;
      } else if (backend.inFlight === shortest.inFlight) {
        ties++;
        // The k-th of equals replaces the chosen one with probability 1 / k: all are as likely in the end.
        if (ties > 1 && this.#random.below(ties) === 0) shortest = backend;
      }
    }
    return shortest;
  }

  onDone(): void {
    // Keeps no state.
  }
}

export const joinShortestQueue: BalancerDefinition<JoinShortestQueueOptions> = {
  name: 'join-shortest-queue',
  summary: 'Picks the backend with the fewest requests in flight, whatever its weight; a draw decides between equals.',
  source:
    'W. Winston, "Optimality of the shortest line discipline" (1977): optimal for equal exponential servers and one dispatcher. Envoy’s least request with a full scan.',
  complexity: 'Pick O(eligible); memory O(1).',
  weakness:
    'The optimum needs the whole queue; here it is this gateway’s part of it, and many gateways herd to the same backend. Blind to weight and speed.',
  options,
  create: (context: BalancerContext) => new JoinShortestQueue(context.random),
};
