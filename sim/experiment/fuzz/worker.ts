import { isMistake } from '../user-error.ts';
import type { FuzzTrial } from './fuzz-trial.ts';
import { judgeTrial, type Verdict } from './judge.ts';

/** One trial for a worker thread. */
export interface FuzzTask {
  readonly root: string;
  readonly trial: FuzzTrial;
}

/** A trial that can't be run. Told as data: errors lose their class on the way out of a thread. */
export interface Unrunnable {
  readonly mistake: string;
}

/** Entry point of a worker thread. */
export default async function judgeTask({ root, trial }: FuzzTask): Promise<Verdict | Unrunnable> {
  try {
    return await judgeTrial(root, trial);
  } catch (error) {
    if (isMistake(error)) return { mistake: error.message };
    throw error;
  }
}
