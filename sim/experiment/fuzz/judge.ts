import type { RunRecord } from '../../record/schema.ts';
import { checkTrial, runTrial } from '../trial.ts';
import { UserError } from '../user-error.ts';
import { type FuzzTrial, resolveTrial } from './fuzz-trial.ts';

/** One way in which a trial failed. Two trials fail the same way if check and kind agree. */
export interface Failure {
  /** Of the check; `exception` where the store's code threw, `start` where it never came up or could not be filled. */
  readonly check: string;
  readonly kind: 'correctness' | 'liveness';
  readonly detail: string;
}

/** What a trial showed. */
export interface Verdict {
  readonly failures: readonly Failure[];
  readonly requests: number;
  /** Faults that struck and touched something, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Checks that held, were violated, or had nothing to judge, by id. */
  readonly checks: Readonly<Record<string, RunRecord['checks'][number]['verdict']>>;
  readonly fingerprint: string;
}

/** Says of the script, not of the store: a drawn fault may well find its target down already. */
const OF_THE_SCRIPT = 'faults-fired';

/**
 * Runs a trial and judges it by all checks; in mode `safety` by those of correctness only.
 *
 * @throws UserError if the trial's scenario can't be run.
 */
export async function judgeTrial(root: string, trial: FuzzTrial): Promise<Verdict> {
  const variant = resolveTrial(trial);
  // What is wrong with the scenario shows here; what goes wrong after that is the store's doing.
  await checkTrial(root, variant);
  try {
    return verdictOf(await runTrial({ root, variant, seed: trial.seed, command: '' }), trial);
  } catch (error) {
    if (error instanceof UserError) return failed(trial, { check: 'start', kind: 'liveness', detail: error.message });
    return failed(trial, { check: 'exception', kind: 'correctness', detail: placeOf(error) });
  }
}

function failed({ mode }: FuzzTrial, failure: Failure): Verdict {
  const counts = mode === 'all' || failure.kind === 'correctness';
  return { failures: counts ? [failure] : [], requests: 0, faults: {}, checks: {}, fingerprint: '' };
}

function verdictOf({ checks, faults, operations, fingerprint }: RunRecord, { mode }: FuzzTrial): Verdict {
  const counted = checks.filter(({ id, kind }) => id !== OF_THE_SCRIPT && (mode === 'all' || kind === 'correctness'));
  const struck: Record<string, number> = {};
  for (const { kind, effects } of faults) if (effects > 0) struck[kind] = (struck[kind] ?? 0) + 1;
  return {
    failures: counted.flatMap(({ id, kind, verdict, detail }) =>
      verdict === 'violated' ? [{ check: id, kind, detail }] : [],
    ),
    requests: operations.find(({ op }) => op === 'all')?.requests ?? 0,
    faults: struck,
    checks: Object.fromEntries(counted.map(({ id, verdict }) => [id, verdict])),
    fingerprint,
  };
}

/** The error's message and the innermost line of the project's own. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = /\(?[^\s(]*\/(sim\/[^)\n]+)\)?/.exec(error.stack ?? '')?.[1];
  return place === undefined ? error.message : `${error.message} at ${place}`;
}
