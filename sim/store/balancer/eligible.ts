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
