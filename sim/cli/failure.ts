import pc from 'picocolors';
import { BaselineError } from '../../reports/gate/baseline.ts';
import { isMistake } from '../experiment/user-error.ts';
import type { CheckResult } from '../record/schema.ts';

/** Exit code for bad usage or input. */
export const BAD_INPUT = 2;

/** Exit codes of a run whose checks found the store wrong, or right but not in time. */
export const CORRECTNESS_VIOLATED = 3;
export const LIVENESS_VIOLATED = 4;

/** Exit code for violated checks, correctness first; 0 where there are none. */
export function exitCodeOf(violated: readonly Pick<CheckResult, 'kind'>[]): number {
  if (violated.some(({ kind }) => kind === 'correctness')) return CORRECTNESS_VIOLATED;
  return violated.length > 0 ? LIVENESS_VIOLATED : 0;
}

/** Exit code after Ctrl-C, as shells have it: 128 + SIGINT. */
export const INTERRUPTED = 130;

/**
 * Prints why a command failed and gives its exit code. A mistake of the user's is one line without a stack; an interrupt is
 * none; anything else is a defect of evenkeel and keeps its stack.
 */
export function reportFailure(error: unknown): number {
  if (isMistake(error) || error instanceof BaselineError) {
    process.stderr.write(`${pc.red('error')} ${error.message.replaceAll('\n', `\n${pc.red('error')} `)}\n`);
    return BAD_INPUT;
  }
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write(`${pc.yellow('interrupted')}: no trial had ended, nothing is kept\n`);
    return INTERRUPTED;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return BAD_INPUT;
}
