import { writeRecord } from '../record/write.ts';
import { loadScenario, resolveVariant } from './load.ts';
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

/** Entry point of a worker thread. */
export default async function runTask(task: TrialTask): Promise<TrialReport | TrialMistake> {
  try {
    return await run(task);
  } catch (error) {
    if (!isMistake(error)) throw error;
    return { mistake: error.message };
  }
}

async function run(task: TrialTask): Promise<TrialReport> {
  const loaded = await loadScenario(task.root, task.reference, task.sets);
  const record = await runTrial({
    root: task.root,
    variant: resolveVariant(loaded, task.variant),
    seed: task.seed,
    command: task.command,
  });
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
