import { z } from 'zod';
import { drawTrial, type FuzzTrial } from '../fuzz-trial.ts';
import type { Failure } from '../judge.ts';
import { shrinkTrial } from '../shrink-trial.ts';
import type { Mutant } from './mutant.ts';
import { specimenOf } from './mutate.ts';
import { failuresSchema, SpecimenProcess } from './specimen-process.ts';
import { sizeOf, type TrialSize } from './trial-size.ts';

const sizeSchema: z.ZodType<TrialSize> = z.object({ faults: z.number(), nodes: z.number(), requests: z.number() });

/** How a mutant fared. */
export const huntSchema = z.object({
  /** Trials that were run on it, the one that found it included. */
  trials: z.number(),
  /** Of the machine's time, the trials on the healthy store included. */
  seconds: z.number(),
  /** Seed of the trial that found it; undefined if none did. */
  seed: z.number().optional(),
  /** What that trial violated of what was expected, and what the healthy store does not. */
  violated: failuresSchema,
  /** Other checks that were violated on the way: by the mutant, or by the store itself. */
  others: z.array(z.string()),
  /** Seeds that count for nothing, because the healthy store violates the same check in them. */
  unsound: z.array(z.number()),
  /** The trial that found it, before and after it was made as small as it goes, if that was wanted. */
  shrunk: z.object({ before: sizeSchema, after: sizeSchema, runs: z.number() }).optional(),
});
export type Hunt = z.output<typeof huntSchema>;

/** How far to go. */
export interface HuntLimits {
  readonly firstSeed: number;
  readonly trials: number;
  /** Of the machine's time, for each mutant. */
  readonly timeLimitMs: number;
  /** Trials that making the found one smaller may take; 0: it is left as it is. */
  readonly shrinkRuns: number;
}

/** A trial that takes longer hangs. */
export const TRIAL_LIMIT_MS = 30_000;

/**
 * Runs trials on a mutated store until a check is violated that was expected to be. It counts only if the same trial is clean
 * on the healthy store: else the search goes on with the next seed.
 *
 * @param healthy - The store without a mutant.
 */
export async function hunt(root: string, healthy: SpecimenProcess, mutant: Mutant, limits: HuntLimits): Promise<Hunt> {
  const startedMs = Date.now();
  const specimen = await specimenOf(root, mutant);
  const sick = new SpecimenProcess(root, specimen.script, TRIAL_LIMIT_MS);
  const others = new Set<string>();
  const unsound: number[] = [];
  const told = () => ({ seconds: Math.round((Date.now() - startedMs) / 100) / 10, others: [...others], unsound });
  let trials = 0;
  try {
    while (trials < limits.trials && Date.now() - startedMs < limits.timeLimitMs) {
      const trial = drawTrial(limits.firstSeed + trials, mutant.focus);
      trials += 1;
      const failures = (await sick.judge(trial)) ?? [];
      const found = failures.filter(({ check }) => mutant.expects.includes(check));
      for (const { check } of failures) if (!mutant.expects.includes(check)) others.add(check);
      if (found.length === 0) continue;
      const violated = without(found, (await healthy.judge(trial)) ?? []);
      const [first] = violated;
      if (first !== undefined) {
        const result = { trials, seed: trial.seed, violated, ...told() };
        return limits.shrinkRuns === 0 ? result : { ...result, shrunk: await shrunk(sick, trial, first, limits) };
      }
      unsound.push(trial.seed);
    }
    return { trials, violated: [], ...told() };
  } finally {
    sick.close();
    await specimen.remove();
  }
}

async function shrunk(
  sick: SpecimenProcess,
  trial: FuzzTrial,
  failure: Failure,
  { shrinkRuns }: HuntLimits,
): Promise<Hunt['shrunk']> {
  const judge = async (candidate: FuzzTrial) => {
    const failures = await sick.judge(candidate);
    return failures === undefined ? undefined : { failures };
  };
  const { value, runs } = await shrinkTrial(trial, failure, judge, shrinkRuns);
  return { before: sizeOf(trial), after: sizeOf(value), runs };
}

function without(found: readonly Failure[], own: readonly Failure[]): Failure[] {
  return found.filter(({ check }) => !own.some((other) => other.check === check));
}
