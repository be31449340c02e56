import { type AlgorithmRegistry, createAlgorithm, registryOf } from '../algorithm.ts';
import type { Balancer, BalancerContext, BalancerDefinition } from './balancer.ts';
import { leastOutstanding } from './least-outstanding.ts';
import { powerOfTwo } from './power-of-two.ts';
import { random } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';
import { smoothWeightedRoundRobin } from './smooth-weighted-round-robin.ts';

/** The shipped balancers by name. */
export const balancers: AlgorithmRegistry<BalancerContext, Balancer> = registryOf<BalancerContext, Balancer>([
  random,
  roundRobin,
  smoothWeightedRoundRobin,
  ringHash,
  leastOutstanding,
  powerOfTwo,
]);

/**
 * Builds a balancer from a name or a definition of the user's own.
 *
 * @param options - As they stand in the scenario; undefined for the defaults.
 * @throws AlgorithmError for an unknown name or a refused option.
 */
export function createBalancer(
  choice: string | BalancerDefinition<unknown>,
  options: unknown,
  context: BalancerContext,
): Balancer {
  return createAlgorithm('balancer', balancers, choice, options, context);
}
