import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { FULL_STRIDE, strideWeights } from './stride-weights.ts';

const options = z.strictObject({});

/** Options of the balancer `static-stride`: none. */
export type StaticStrideOptions = z.infer<typeof options>;

/** Keeps neighbours of like weight from passing on the same rounds. */
const OFFSET = (FULL_STRIDE - 1) / 2;

/** Counters of rounds of replica sets, a power of two; one more is that of the whole table. */
const SEQUENCES = 1024;

/**
 * Round after round over the eligible, and each takes part in a share of the rounds that is its weight's, evenly spread. All
 * state is the count of turns offered.
 *
 * gRPC has one such count for each set of ready backends. So it is here: replica sets find theirs by hash, since under one
 * count for all, sets that are asked in turn would each see the same turns over and over.
 */
class StaticStride implements Balancer {
  #weights: Uint16Array = new Uint16Array(0);
  readonly #sequences: Uint32Array;

  constructor(random: RandomStream) {
    // A start of its own for each gateway, or all would ask the same backend at the same time.
    this.#sequences = new Uint32Array(SEQUENCES + 1).fill(random.below(0x1_0000_0000));
  }

  update(backends: readonly Backend[]): void {
    this.#weights = strideWeights(backends.map(({ weight }) => weight));
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    const count = eligible.length;
    if (count === 1) return first;
    const set = count === this.#weights.length ? SEQUENCES : hashOfSet(eligible) & (SEQUENCES - 1);
    let sequence = this.#sequences[set] ?? 0;
    for (;;) {
      const position = sequence % count;
      const round = (sequence - position) / count;
      sequence = (sequence + 1) >>> 0;
      const backend = eligible[position] ?? first;
      const weight = this.#weights[backend.index] ?? FULL_STRIDE;
      if ((weight * round + OFFSET * position) % FULL_STRIDE < FULL_STRIDE - weight) continue;
      this.#sequences[set] = sequence;
      return backend;
    }
  }

  onDone(): void {
    // Turns go on whatever the outcome.
  }
}

function hashOfSet(eligible: readonly Backend[]): number {
  let hash = 0;
  for (const { index } of eligible) {
    hash = Math.imul(hash ^ index, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

export const staticStride: BalancerDefinition<StaticStrideOptions> = {
  name: 'static-stride',
  summary: 'Goes round and round; each backend passes on as many rounds as its weight falls short of the largest.',
  source:
    'gRPC, weighted_round_robin, StaticStrideScheduler (gRFC A58). Weights are fixed-point; the largest counts as at most 10 times the mean, the smallest as at least a tenth of it.',
  complexity:
    'Pick O(largest / mean weight) on average, and O(eligible) where only some are eligible; memory O(backends) and 1,025 counters.',
  weakness:
    'Counts requests, not work, and looks at no load. Weights further than a factor of 10 from the mean are clipped. A backend passes on up to 100 rounds.',
  options,
  create: (context: BalancerContext) => new StaticStride(context.random),
};
