import type { Family } from '../scenario.ts';

/**
 * A user's own algorithm failed while it ran: it threw, did not return, or broke its contract. It fails its variant, with this message;
 * the other variants go on.
 */
export class AlgorithmFailure extends Error {
  override readonly name = 'AlgorithmFailure';

  constructor(family: Family, algorithm: string, what: string, cause?: unknown) {
    super(`${family} "${algorithm}": ${what}`, cause === undefined ? undefined : { cause });
  }
}
