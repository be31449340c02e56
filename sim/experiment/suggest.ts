import { closest, distance } from 'fastest-levenshtein';

/** ", did you mean 'x'?" where a known name is close enough to be meant, else nothing. */
export function didYouMean(found: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(found, [...known]);
  return distance(found, nearest) <= Math.max(2, found.length / 3) ? `, did you mean '${nearest}'?` : '';
}
