import { writeRecord } from '../record/write.ts';
import { loadScenario, type ResolvedVariant, resolveVariant } from './load.ts';
import { AlgorithmFailure } from './own/algorithm-failure.ts';
import { showPulseIn } from './own/call-watch.ts';
import { forbidChanceAndClock } from './own/forbidden.ts';
import { hasOwnAlgorithms } from './own/load-own.ts';
import { families } from './scenario.ts';
import { runTrial } from './trial.ts';
import { isMistake } from './user-error.ts';

/** One trial for a worker thread. The worker loads the scenario itself: algorithms are code and can't be sent. */
export interface TrialTask {
  readonly root: string;
  readonly reference: string;
  readonly sets: readonly string[];
  readonly variant: string;
  readonly seed: number;
  /** Folder of the comparison that the record goes to. */
  readonly folder: string;
  readonly command: string;
  /** Whether a user's own algorithm is run twice, to see that it is deterministic. */
  readonly rehearse: boolean;
  /** Memory in which the calls of a user's own algorithm show. */
  readonly pulse: Int32Array<SharedArrayBuffer>;
}

/** What became of a trial. The record itself stays on the disk. */
export interface TrialReport {
  readonly variant: string;
  readonly seed: number;
  /** Of the record, relative to the folder. */
  readonly file: string;
  readonly fingerprint: string;
  readonly requests: number;
  readonly violated: readonly string[];
}

/** A mistake of the user's that shows only in the run. Told as data: errors lose their class on the way out of a thread. */
export interface TrialMistake {
  readonly mistake: string;
}

/** A user's own algorithm failed in the run: its variant has, and no other. */
export interface TrialFailure {
  readonly variant: string;
  readonly seed: number;
  /** One line: which algorithm, what it did, what is accepted. */
  readonly failure: string;
}

/** Entry point of a worker thread. */
export default async function runTask(task: TrialTask): Promise<TrialReport | TrialMistake | TrialFailure> {
  try {
    forbidChanceAndClock();
    showPulseIn(task.pulse);
    return await run(task);
  } catch (error) {
    if (error instanceof AlgorithmFailure) return { variant: task.variant, seed: task.seed, failure: error.message };
    if (!isMistake(error)) throw error;
    return { mistake: error.message };
  }
}

async function run(task: TrialTask): Promise<TrialReport | TrialFailure> {
  const loaded = await loadScenario(task.root, task.reference, task.sets);
  const variant = resolveVariant(loaded, task.variant);
  const trial = { root: task.root, variant, seed: task.seed, command: task.command };
  const record = await runTrial(trial);
  if (task.rehearse && hasOwnAlgorithms(variant.scenario)) {
    const { fingerprint } = await runTrial(trial);
    if (fingerprint !== record.fingerprint)
      return { variant: task.variant, seed: task.seed, failure: differs(variant) };
  }
  const file = await writeRecord(task.folder, record);
  return {
    variant: task.variant,
    seed: task.seed,
    file,
    fingerprint: record.fingerprint,
    requests: record.operations.find(({ op }) => op === 'all')?.requests ?? 0,
    violated: record.checks.filter(({ verdict }) => verdict === 'violated').map(({ id }) => id),
  };
}

function differs({ scenario }: ResolvedVariant): string {
  const own = families.flatMap((family) => {
    const { name } = scenario.cluster[family];
    return typeof name === 'string' ? [] : [`${family} "${name.name}"`];
  });
  return `${own.join(', ')}: took another course when the trial was run again; accepted: the same one, from the same seed`;
}
