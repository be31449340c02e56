import type { RandomStream } from '../../host.ts';
import type { Backend } from './balancer.ts';

/**
 * The first of `eligible`.
 *
 * @throws RangeError if there is none: the caller must answer such a request itself.
 */
export function firstOf(eligible: readonly Backend[]): Backend {
  const first = eligible[0];
  if (first === undefined) throw new RangeError('eligible: found an empty list, accepted: at least one backend');
  return first;
}

/** Whether `a` has fewer requests in flight than `b` in proportion to weight. Exact for whole weights: no division. */
export function isLessLoaded(a: Backend, b: Backend): boolean {
  return a.inFlight * b.weight < b.inFlight * a.weight;
}

/** Whether `a` and `b` have as many requests in flight in proportion to weight. */
export function isEquallyLoaded(a: Backend, b: Backend): boolean {
  return a.inFlight * b.weight === b.inFlight * a.weight;
}

/** One of `eligible`, each as likely as its weight, by one draw. O(eligible). */
export function drawByWeight(eligible: readonly Backend[], random: RandomStream): Backend {
  let picked = firstOf(eligible);
  let total = 0;
  for (const backend of eligible) total += backend.weight;
  let left = random.next() * total;
  for (const backend of eligible) {
    picked = backend;
    left -= backend.weight;
    if (left < 0) break;
  }
  return picked;
}

/** Whether all have one weight. */
export function haveOneWeight(backends: readonly Backend[]): boolean {
  const weight = backends[0]?.weight;
  return backends.every((backend) => backend.weight === weight);
}
