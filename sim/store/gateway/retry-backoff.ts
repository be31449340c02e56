import type { RandomStream } from '../../host.ts';

/** Settings of pauses before retries. */
export interface BackoffConfig {
  /** Longest pause before the first retry; 0: no retry waits. */
  readonly baseMs: number;
  /** Longest pause before any. */
  readonly maxMs: number;
}

/**
 * How long to wait before retry number `retry`, 1 or more: uniform between 0 and a ceiling that doubles each time.
 *
 * Source: M. Brooker, "Exponential backoff and jitter" (AWS Architecture Blog, 2015), the variant "full jitter".
 */
export function backoffMs({ baseMs, maxMs }: BackoffConfig, retry: number, random: RandomStream): number {
  if (baseMs === 0) return 0;
  const ceilingMs = Math.min(maxMs, baseMs * (1 << Math.min(30, retry - 1)));
  return random.next() * ceilingMs;
}
