import { RecordError } from '../record/read.ts';
import { AlgorithmError } from '../store/algorithm.ts';
import { TrafficError } from '../traffic/traffic-error.ts';

/**
 * A mistake of the user's: a wrong flag, file or scenario. The message is one line for people and names the place, what was
 * found and what is accepted; the command line prints it without a stack and exits with 2.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Is the error a mistake of the user's, rather than a defect of evenkeel? */
export function isMistake(error: unknown): error is Error {
  return [UserError, TrafficError, AlgorithmError, RecordError].some((kind) => error instanceof kind);
}

/** What `work` gives; a mistake that it finds is named with the place where it was made. */
export async function placed<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isMistake(error)) throw error;
    throw new UserError(
      error.message
        .split('\n')
        .map((line) => `${place}: ${line}`)
        .join('\n'),
    );
  }
}
