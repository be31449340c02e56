import { type AlgorithmRegistry, createAlgorithm, registryOf } from '../algorithm.ts';
import type { Balancer, BalancerContext, BalancerDefinition } from './balancer.ts';
import { random } from './chance/random.ts';
import { weightedRandom } from './chance/weighted-random.ts';
import { c3 } from './feedback/c3.ts';
import { prequal } from './feedback/prequal.ts';
import { boundedLoadRing } from './hashing/bounded-load-ring.ts';
import { envoyRingHash } from './hashing/envoy-ring-hash.ts';
import { haproxyConsistent } from './hashing/haproxy-consistent.ts';
import { haproxyMapBased } from './hashing/haproxy-map.ts';
import { ketama } from './hashing/ketama.ts';
import { maglev } from './hashing/maglev.ts';
import { nginxHash } from './hashing/nginx-hash.ts';
import { nginxHashConsistent } from './hashing/nginx-hash-consistent.ts';
import { rendezvous } from './hashing/rendezvous.ts';
import { ringHash } from './hashing/ring-hash.ts';
import { ewma } from './latency/ewma.ts';
import { peakEwma } from './latency/peak-ewma.ts';
import { joinIdleQueue } from './queues/join-idle-queue.ts';
import { joinShortestQueue } from './queues/join-shortest-queue.ts';
import { leastOutstanding } from './queues/least-outstanding.ts';
import { powerOfD } from './queues/power-of-d.ts';
import { powerOfTwo } from './queues/power-of-two.ts';
import { weightedLeastRequest } from './queues/weighted-least-request.ts';
import { deterministicAperture } from './topology/deterministic-aperture.ts';
import { deterministicSubsetOver } from './topology/deterministic-subset.ts';
import { zoneAwareOver } from './topology/zone-aware.ts';
import { earliestDeadlineFirst } from './turns/earliest-deadline-first.ts';
import { roundRobin } from './turns/round-robin.ts';
import { smoothWeightedRoundRobin } from './turns/smooth-weighted-round-robin.ts';
import { staticStride } from './turns/static-stride.ts';

/** Those that choose among all that are eligible. */
const plain: readonly BalancerDefinition<unknown>[] = [
  random,
  weightedRandom,
  roundRobin,
  smoothWeightedRoundRobin,
  staticStride,
  earliestDeadlineFirst,
  leastOutstanding,
  weightedLeastRequest,
  powerOfTwo,
  powerOfD,
  joinShortestQueue,
  joinIdleQueue,
  ewma,
  peakEwma,
  prequal,
  c3,
  ringHash,
  ketama,
  nginxHash,
  nginxHashConsistent,
  haproxyMapBased,
  haproxyConsistent,
  envoyRingHash,
  maglev,
  rendezvous,
  boundedLoadRing,
];
const plainByName = registryOf(plain);

/** The shipped balancers by name. */
export const balancers: AlgorithmRegistry<BalancerContext, Balancer> = registryOf<BalancerContext, Balancer>([
  ...plain,
  zoneAwareOver(plainByName),
  deterministicSubsetOver(plainByName),
  deterministicAperture,
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
