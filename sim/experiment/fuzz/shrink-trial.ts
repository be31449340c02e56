import type { FuzzTrial } from './fuzz-trial.ts';
import type { Failure, Verdict } from './judge.ts';
import { REDUCERS } from './reductions.ts';
import { type Shrunk, shrink } from './shrink.ts';

/** Do two trials fail in the same way? By one check at least of the same kind. */
export function failsAlike(failures: readonly Failure[], { check, kind }: Failure): boolean {
  return failures.some((other) => other.check === check && other.kind === kind);
}

/**
 * The smallest trial that can be found, in at most `budget` runs, which fails by the same check as `failure`.
 *
 * @param judge - Runs a trial; a trial that can't be run gives no verdict.
 */
export function shrinkTrial(
  trial: FuzzTrial,
  failure: Failure,
  judge: (trial: FuzzTrial) => Promise<Pick<Verdict, 'failures'> | undefined>,
  budget: number,
): Promise<Shrunk<FuzzTrial>> {
  return shrink(
    trial,
    REDUCERS,
    ({ input }) => JSON.stringify(input),
    async (candidate) => failsAlike((await judge(candidate))?.failures ?? [], failure),
    budget,
  );
}
