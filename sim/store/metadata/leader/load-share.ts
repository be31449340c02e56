import type { NodeHealth } from '../../messages/metadata.ts';

/** So many times the others' traffic is hot. */
const hotFactor = 1.5;

/**
 * Whether a node has so much more traffic than the others that it may be slow, or shed load, for that alone. It is not ill, and
 * to take its traffic away would only push it onto the next one, and the next.
 */
export function isHot(health: NodeHealth, all: readonly NodeHealth[]): boolean {
  const others = all.filter(({ node }) => node !== health.node).map(({ attempts }) => attempts);
  return others.length > 0 && health.attempts > hotFactor * median(others);
}

/** The lower one of two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? 0;
}
