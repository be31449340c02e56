import { join, resolve } from 'node:path';
import pc from 'picocolors';
import { writeIndex } from '../../reports/page/index-page.ts';
import { writeReport } from '../../reports/page/report.ts';
import { type LoadedScenario, loadScenario, resolveVariant } from '../experiment/load.ts';
import { hasOwnAlgorithms } from '../experiment/own/load-own.ts';
import { didYouMean } from '../experiment/suggest.ts';
import { type SweepResult, sweep } from '../experiment/sweep.ts';
import { checkTrial } from '../experiment/trial.ts';
import { placed, UserError } from '../experiment/user-error.ts';
import { readComparison } from '../record/comparison-file.ts';
import type { RunRecord } from '../record/schema.ts';
import { BAD_INPUT, exitCodeOf, INTERRUPTED } from './failure.ts';
import type { RunOptions } from './options.ts';
import { progressOf } from './progress.ts';

/** A sweep that ended, with its records and its page. */
export interface SessionResult extends SweepResult {
  readonly records: readonly RunRecord[];
  readonly report: string;
}

/** A scenario that was loaded and checked, with what the command line wants of it. */
export interface PlannedSession {
  readonly reference: string;
  readonly loaded: LoadedScenario;
  readonly variants: readonly string[];
  readonly seeds: readonly number[];
}

/**
 * Loads and checks everything that a session needs, down to the traffic's files, before anything runs or is written.
 *
 * @throws UserError, TrafficError or AlgorithmError on the first mistake.
 */
export async function planSession(
  root: string,
  reference: string,
  options: RunOptions,
  defaultSeeds?: number,
): Promise<PlannedSession> {
  const own = await loadScenario(root, reference, options.set);
  const loaded =
    options.trace === undefined
      ? own
      : await loadScenario(root, reference, [...options.set, replay(own, options.trace)]);
  const known = Object.keys(loaded.scenario.variants);
  const variants = options.variants ?? known;
  for (const name of variants) {
    if (!known.includes(name))
      throw new UserError(
        `--variants: found '${name}'; accepted in ${loaded.scenario.name}: ${known.join(', ')}${didYouMean(name, known)}`,
      );
  }
  for (const name of variants) {
    const variant = resolveVariant(loaded, name);
    // A user's own algorithm is run by workers only, which can be ended if it hangs.
    if (!hasOwnAlgorithms(variant.scenario))
      await placed(`${loaded.file}, variant ${name}`, () => checkTrial(root, variant));
  }
  const count = defaultSeeds ?? loaded.scenario.seeds;
  return { reference, loaded, variants, seeds: options.seeds ?? Array.from({ length: count }, (_, i) => i + 1) };
}

/** Runs what was planned, writes the report and says where it is. After Ctrl-C the finished trials are kept and the exit code is 130. */
export async function runSession(root: string, session: PlannedSession, options: RunOptions): Promise<SessionResult> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const outDir = resolve(root, options.out);
    const result = await sweep(
      { root, ...session, outDir, ...(options.jobs === undefined ? {} : { jobs: options.jobs }) },
      progressOf(session.loaded.scenario.name, options.quiet === true || options.json === true),
      interrupt.signal,
    );
    if (!result.complete) {
      process.exitCode = INTERRUPTED;
      const { trials, variants, seeds } = result.comparison;
      process.stderr.write(
        `${pc.yellow('interrupted')}: ${trials.length} of ${variants.length * seeds.length} trials are whole and kept\n`,
      );
    }
    for (const { variant, seed, failure } of result.failures) {
      process.exitCode = BAD_INPUT;
      process.stderr.write(`${pc.red('failed')}: variant ${variant}, seed ${seed}: ${failure}; it is left out\n`);
    }
    const { records } = await readComparison(result.folder);
    const violated = records.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict === 'violated'));
    // The worst of several runs decides; an interrupt does not hide a violation.
    if (violated.length > 0) process.exitCode = exitCodeOf(violated);
    const report = join(result.folder, 'report.html');
    await writeReport({ comparison: result.comparison, records }, report);
    await writeIndex(outDir);
    return { ...result, records, report };
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

/** The setting that plays a recorded trace in place of a scenario's traffic, at the same pace. */
function replay({ scenario }: LoadedScenario, trace: string): string {
  const { traffic } = scenario;
  const { clients, duration } = traffic;
  const timeScale = 'timeScale' in traffic ? traffic.timeScale : undefined;
  return `traffic=${JSON.stringify({ trace, timeScale, clients, duration })}`;
}
