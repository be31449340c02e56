import { setMaxListeners } from 'node:events';
import type { FocusName } from './focus.ts';
import { drawTrial, type FuzzTrial } from './fuzz-trial.ts';
import type { Failure, Verdict } from './judge.ts';
import { Judges } from './judges.ts';
import { writeScenario } from './scenario-file.ts';
import { failsAlike, shrinkTrial } from './shrink-trial.ts';
import { Tallies } from './tallies.ts';

/** What to search. */
export interface SearchPlan {
  readonly root: string;
  /** Of the first trial; those after it have the next ones. */
  readonly firstSeed: number;
  readonly trials: number;
  /** Worker threads at the most. */
  readonly jobs: number;
  /** No trial is begun after so much of the machine's time. */
  readonly timeLimitMs: number;
  /** A trial that takes longer hangs. */
  readonly trialLimitMs: number;
  /** Where the scenarios of failures are written. */
  readonly outDir: string;
  /** Go on after a failure. */
  readonly keepGoing: boolean;
  /** Runs that each failure may be shrunk with; 0: not at all. */
  readonly shrinkRuns: number;
  /** What trials are like; at large by default. */
  readonly focus?: FocusName | undefined;
}

/** A failing trial, as small as it could be made. */
export interface Finding {
  readonly seed: number;
  readonly failures: readonly Failure[];
  readonly trial: FuzzTrial;
  readonly runs: number;
  readonly minimal: boolean;
  /** Scenario file. */
  readonly file: string;
}

export interface SearchProgress {
  onStart(trials: number): void;
  onTrial(seed: number, verdict: Verdict, done: number): void;
  onShrink(seed: number, failure: Failure): void;
  onEnd(): void;
}

export interface SearchResult {
  readonly tallies: Tallies;
  readonly findings: readonly Finding[];
  /** False if time or an interrupt ended it early. */
  readonly complete: boolean;
}

/**
 * Runs drawn trials until one fails, or all of them; shrinks what failed and writes it down. What is found does not depend on
 * the number of workers; which trials ran before the search stopped may.
 */
export async function search(
  plan: SearchPlan,
  progress: SearchProgress,
  interrupt: AbortSignal,
): Promise<SearchResult> {
  // Each open trial listens for the interrupt.
  setMaxListeners(plan.trials + plan.jobs + 1, interrupt);
  const judges = new Judges(plan.root, plan.jobs, plan.trialLimitMs, interrupt);
  try {
    const { tallies, failed, complete } = await runTrials(plan, judges, progress, interrupt);
    const findings: Finding[] = [];
    // One of each kind: the first by its seed stands for the others.
    for (const { trial, failures } of firstOfEach(failed)) {
      if (interrupt.aborted) break;
      const [failure] = failures;
      if (failure === undefined) continue;
      progress.onShrink(trial.seed, failure);
      findings.push(await reduce(plan, judges, trial, failures, failure));
    }
    progress.onEnd();
    return { tallies, findings, complete };
  } finally {
    await judges.close();
  }
}

interface Failed {
  readonly trial: FuzzTrial;
  readonly failures: readonly Failure[];
}

async function runTrials(plan: SearchPlan, judges: Judges, progress: SearchProgress, interrupt: AbortSignal) {
  const tallies = new Tallies();
  const failed: Failed[] = [];
  const endMs = Date.now() + plan.timeLimitMs;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < plan.trials && Date.now() < endMs && !interrupt.aborted && (plan.keepGoing || failed.length === 0)) {
      const trial = drawTrial(plan.firstSeed + next, plan.focus);
      next += 1;
      const verdict = await judges.judge(trial);
      if ('mistake' in verdict) throw new Error(`trial ${trial.seed} was drawn wrong: ${verdict.mistake}`);
      tallies.add(verdict);
      if (verdict.failures.length > 0) failed.push({ trial, failures: verdict.failures });
      progress.onTrial(trial.seed, verdict, tallies.trials);
    }
  };
  progress.onStart(plan.trials);
  try {
    await Promise.all(Array.from({ length: plan.jobs }, work));
  } catch (error) {
    if (!interrupt.aborted) throw error;
  }
  failed.sort((a, b) => a.trial.seed - b.trial.seed);
  return { tallies, failed, complete: tallies.trials === plan.trials };
}

function firstOfEach(failed: readonly Failed[]): Failed[] {
  return failed.filter(
    ({ failures }, position) =>
      !failed.slice(0, position).some((earlier) => failures.some((failure) => failsAlike(earlier.failures, failure))),
  );
}

async function reduce(
  plan: SearchPlan,
  judges: Judges,
  trial: FuzzTrial,
  failures: readonly Failure[],
  failure: Failure,
): Promise<Finding> {
  let told = failures;
  const judge = async (candidate: FuzzTrial): Promise<Verdict | undefined> => {
    const verdict = await judges.judge(candidate);
    if ('mistake' in verdict) return undefined;
    if (failsAlike(verdict.failures, failure)) told = verdict.failures;
    return verdict;
  };
  const { value, runs, minimal } = await shrinkTrial(trial, failure, judge, plan.shrinkRuns);
  const file = await writeScenario(plan.root, plan.outDir, value, told);
  return { seed: trial.seed, failures: told, trial: value, runs, minimal, file };
}
