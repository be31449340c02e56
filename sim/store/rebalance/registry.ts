import { type AlgorithmRegistry, createAlgorithm, registryOf } from '../algorithm.ts';
import { goals } from './goals/goals.ts';
import { greedyExceptions } from './greedy-exceptions.ts';
import { none } from './none.ts';
import { optimal } from './optimal/optimal.ts';
import { placementTarget } from './placement-target.ts';
import type { Rebalancer, RebalancerDefinition } from './rebalancer.ts';
import { threshold } from './threshold.ts';
import { watermarks } from './watermarks.ts';
import { weightedMove } from './weighted-move.ts';

/** The shipped rebalancers by name. */
export const rebalancers: AlgorithmRegistry<undefined, Rebalancer> = registryOf<undefined, Rebalancer>([
  placementTarget,
  greedyExceptions,
  threshold,
  watermarks,
  goals,
  weightedMove,
  optimal,
  none,
]);

/**
 * Builds a rebalancer from a name or a definition of the user's own.
 *
 * @param options - As they stand in the scenario; undefined for the defaults.
 * @throws AlgorithmError for an unknown name or a refused option.
 */
export function createRebalancer(choice: string | RebalancerDefinition<unknown>, options: unknown): Rebalancer {
  return createAlgorithm('rebalancer', rebalancers, choice, options, undefined);
}
