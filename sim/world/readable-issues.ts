import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

/** One thing that is wrong with a description. */
export interface ReadableIssue {
  readonly path: PropertyKey[];
  readonly message: string;
  /** Path and message in one. */
  readonly line: string;
}

/**
 * What zod found, each with the value that was there (parse with `reportInput`) and, for an unknown field, the known
 * one that it looks like.
 */
export function readableIssues(error: z.ZodError, knownFields: readonly string[] = []): ReadableIssue[] {
  return error.issues.map((issue) => {
    let message = issue.message;
    if (issue.code === 'unrecognized_keys') message += didYouMean(issue.keys[0] ?? '', knownFields);
    else if (issue.input === undefined) message += ', found nothing';
    else if (issue.input !== undefined) message += `, found ${JSON.stringify(issue.input)}`;
    const path = issue.path.map(String).join('.');
    return { path: issue.path, message, line: path === '' ? message : `${path}: ${message}` };
  });
}

/** `; did you mean "crash"?` if one of `known` is near `found`, else the whole list. Starts with a semicolon. */
export function didYouMean(found: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const near = closest(found, known);
  if (distance(found, near) <= Math.max(2, Math.floor(found.length / 3)))
    return `; did you mean ${JSON.stringify(near)}?`;
  return `; known: ${known.join(', ')}`;
}
