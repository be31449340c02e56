import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Piscina } from 'piscina';
import { writeComparison } from '../record/comparison-file.ts';
import type { Comparison } from '../record/schema.ts';
import { RECORD_VERSION } from '../record/schema.ts';
import { reproductionCommand } from './command.ts';
import { environment } from './environment.ts';
import { type LoadedScenario, type ResolvedVariant, resolveVariant } from './load.ts';
import { createPulse } from './own/call-watch.ts';
import { CALL_LIMIT_MS, watchForHang } from './own/hang-watch.ts';
import { UserError } from './user-error.ts';
import type { TrialFailure, TrialMistake, TrialReport, TrialTask } from './worker.ts';

/** What to run: one scenario, some of its variants, some seeds. */
export interface SweepPlan {
  readonly root: string;
  readonly reference: string;
  readonly loaded: LoadedScenario;
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
  /** Worker threads at the most; by default one a core. */
  readonly jobs?: number;
  /** Folder that gets a folder named for the scenario. */
  readonly outDir: string;
  /** How long one call of a user's own algorithm may take, in ms of the wall clock; 10 s by default. */
  readonly callLimitMs?: number;
}

/** Told of each trial that ended, in the order in which they end. */
export interface SweepProgress {
  onStart(trials: number): void;
  onTrial(report: TrialReport, finished: number): void;
  /** A variant failed, by its author's own algorithm: no more of its trials are run. */
  onFailure?(failure: TrialFailure): void;
  /** No more is to be told. */
  onEnd?(): void;
}

/** What a sweep leaves: a folder with `comparison.json` and the records that it names. */
export interface SweepResult {
  readonly folder: string;
  readonly comparison: Comparison;
  /** Variants that failed by their author's own algorithm; the comparison knows nothing of them. */
  readonly failures: readonly TrialFailure[];
  /** False if it was interrupted: the comparison then holds the trials that had ended. */
  readonly complete: boolean;
}

/**
 * Runs variants × seeds on worker threads. Records are written by the workers, each whole or not at all, into a folder that
 * takes the place of an earlier one only at the end. The results do not depend on the number of workers.
 *
 * A variant whose own algorithm fails drops out; the others go on.
 *
 * @throws UserError if the output folder can't be written, or every variant failed; the first error of a trial otherwise. Nothing is left behind then.
 */
export async function sweep(plan: SweepPlan, progress: SweepProgress, interrupt: AbortSignal): Promise<SweepResult> {
  const startedAt = new Date();
  const { scenario } = plan.loaded;
  const staging = join(plan.outDir, `.${scenario.name}-${process.pid}`);
  const firstMade = await claimFolder(staging, plan.outDir);
  // Seed by seed, so that what an interrupt leaves can be compared in pairs.
  const tasks = plan.seeds.flatMap((seed) =>
    plan.variants.map((variant) => taskOf(plan, resolveVariant(plan.loaded, variant), seed, staging)),
  );
  const reports: TrialReport[] = [];
  const failures: TrialFailure[] = [];
  progress.onStart(tasks.length);
  try {
    await runAll(tasks, plan, interrupt, {
      onReport: (report) => {
        reports.push(report);
        progress.onTrial(report, reports.length);
      },
      onFailure: (failure) => {
        failures.push(failure);
        progress.onFailure?.(failure);
      },
    });
    if (failures.length === plan.variants.length)
      throw new UserError(failures.map(({ variant, failure }) => `variant ${variant} failed: ${failure}`).join('\n'));
  } catch (error) {
    if (!interrupt.aborted || reports.length === 0) {
      await rm(firstMade, { recursive: true, force: true });
      throw error;
    }
  } finally {
    progress.onEnd?.();
  }
  const whole = reports.filter(({ variant }) => !failures.some((failure) => failure.variant === variant));
  const sound = {
    ...plan,
    variants: plan.variants.filter((name) => !failures.some(({ variant }) => variant === name)),
  };
  if (interrupt.aborted || failures.length > 0) {
    await dropAllBut(
      whole.map(({ file }) => file),
      staging,
    );
  }
  // Workers end in any order; the comparison lists trials as they were planned.
  const position = new Map(tasks.map((task, i) => [`${task.variant}/${task.seed}`, i]));
  whole.sort((a, b) => (position.get(`${a.variant}/${a.seed}`) ?? 0) - (position.get(`${b.variant}/${b.seed}`) ?? 0));
  const comparison: Comparison = {
    version: RECORD_VERSION,
    scenario: scenario.name,
    digest: combinedDigest(sound),
    command: reproductionCommand('compare', plan.reference, plan.loaded.sets, sound.variants, plan.seeds),
    variants: [...sound.variants],
    baseline: baselineOf(sound),
    seeds: [...plan.seeds],
    trials: whole.map(({ variant, seed, file, fingerprint }) => ({ variant, seed, file, fingerprint })),
    environment: await environment(plan.root, startedAt),
  };
  await writeComparison(staging, comparison);
  const folder = join(plan.outDir, scenario.name);
  await rm(folder, { recursive: true, force: true });
  await rename(staging, folder);
  const complete = whole.length === sound.variants.length * plan.seeds.length;
  return { folder, comparison, failures, complete };
}

function taskOf(plan: SweepPlan, variant: ResolvedVariant, seed: number, folder: string): TrialTask {
  return {
    root: plan.root,
    reference: plan.reference,
    sets: plan.loaded.sets,
    variant: variant.name,
    seed,
    folder,
    command: reproductionCommand('run', plan.reference, plan.loaded.sets, [variant.name], [seed]),
    rehearse: seed === plan.seeds[0],
    pulse: createPulse(),
  };
}

function baselineOf({ loaded, variants }: SweepPlan): string {
  const { baseline } = loaded.scenario;
  const chosen = baseline !== undefined && variants.includes(baseline) ? baseline : variants[0];
  if (chosen === undefined) throw new UserError('--variants: found none; accepted: at least one');
  return chosen;
}

function combinedDigest({ loaded, variants }: SweepPlan): string {
  const hash = createHash('sha256');
  for (const name of variants) hash.update(resolveVariant(loaded, name).digest);
  return hash.digest('hex').slice(0, 16);
}

/** A worker that was stopped may have left the beginnings of a record. */
async function dropAllBut(files: readonly string[], folder: string): Promise<void> {
  const strays = (await readdir(folder)).filter((file) => !files.includes(file));
  await Promise.all(strays.map((file) => rm(join(folder, file), { recursive: true, force: true })));
}

/** Makes an empty staging folder, and gives the outermost folder that had to be made for it. */
async function claimFolder(staging: string, outDir: string): Promise<string> {
  try {
    await rm(staging, { recursive: true, force: true });
    return (await mkdir(staging, { recursive: true })) ?? staging;
  } catch (error) {
    throw new UserError(
      `--out: '${outDir}' can't be written (${error instanceof Error ? error.message : String(error)}); accepted: a folder that can be written, in ${dirname(outDir)}`,
    );
  }
}

/** What is told of trials while they run. */
interface TrialListener {
  onReport(report: TrialReport): void;
  onFailure(failure: TrialFailure): void;
}

async function runAll(
  tasks: readonly TrialTask[],
  { jobs = availableParallelism(), callLimitMs = CALL_LIMIT_MS, variants }: SweepPlan,
  interrupt: AbortSignal,
  listener: TrialListener,
): Promise<void> {
  // Each open task listens for the interrupt.
  setMaxListeners(tasks.length + 1, interrupt);
  const pool = new Piscina<TrialTask, TrialReport | TrialMistake | TrialFailure>({
    filename: new URL('./worker-entry.mjs', import.meta.url).href,
    minThreads: 1,
    maxThreads: Math.max(1, Math.min(jobs, tasks.length)),
    concurrentTasksPerWorker: 1,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const stops = new Map(variants.map((variant) => [variant, new AbortController()]));
  /** The first failure of a variant ends its other trials. */
  const fail = (failure: TrialFailure) => {
    const stop = stops.get(failure.variant);
    if (stop === undefined || stop.signal.aborted) return;
    listener.onFailure(failure);
    stop.abort();
  };
  const runOne = async (task: TrialTask) => {
    const stop = stops.get(task.variant)?.signal ?? interrupt;
    const unwatch = watchForHang(task.pulse, callLimitMs, (call) => {
      const failure = `its own algorithm did not return from ${call} within ${callLimitMs / 1_000} s`;
      fail({ variant: task.variant, seed: task.seed, failure });
    });
    try {
      const report = await pool.run(task, { signal: AbortSignal.any([interrupt, stop]) });
      if ('mistake' in report) throw new UserError(report.mistake);
      if ('failure' in report) fail(report);
      else listener.onReport(report);
    } catch (error) {
      if (!stop.aborted || interrupt.aborted) throw error;
    } finally {
      unwatch();
    }
  };
  try {
    await Promise.all(tasks.map(runOne));
  } finally {
    await pool.destroy();
  }
}

/** A run makes much short-lived garbage: a larger nursery saves a quarter of its time. */
const YOUNG_GENERATION_MB = 64;
