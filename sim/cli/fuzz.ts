import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { FOCI, type FocusName, isFocus } from '../experiment/fuzz/focus.ts';
import { replayCommand } from '../experiment/fuzz/scenario-file.ts';
import { type Finding, type SearchResult, search } from '../experiment/fuzz/search.ts';
import type { Counts } from '../experiment/fuzz/tallies.ts';
import { didYouMean } from '../experiment/suggest.ts';
import { parseDuration } from '../traffic/units.ts';
import { exitCodeOf, INTERRUPTED } from './failure.ts';
import { fuzzProgress } from './fuzz-progress.ts';
import { parseCount, parseWhole } from './options.ts';

interface FuzzOptions {
  readonly trials: number;
  readonly seed: number;
  readonly jobs?: number;
  readonly focus?: FocusName;
  readonly timeLimit?: number;
  readonly trialLimit: number;
  readonly shrinkRuns: number;
  readonly out: string;
  readonly keepGoing?: true;
  readonly quiet?: true;
}

/** `evenkeel fuzz`: small clusters, traffic and faults drawn at random; what fails is shrunk and written as a scenario. */
export function fuzzCommand(): Command {
  return new Command('fuzz')
    .description(
      'search for faults under which the store breaks a promise; failures are shrunk and written as scenarios',
    )
    .option('--trials <n>', 'trials to run', parseCount, 200)
    .option('--seed <n>', 'seed of the first trial; those after it have the next ones', parseWhole, 1)
    .option('--focus <name>', `trials of one kind: ${Object.keys(FOCI).join(', ')}`, parseFocus)
    .option('--jobs <n>', 'worker threads at the most; one a core by default', parseCount)
    .option('--time-limit <time>', 'begin no trial after this time, such as 90s or 10m', parseTime)
    .option('--trial-limit <time>', 'a trial that takes longer is taken to hang', parseTime, 60_000)
    .option('--shrink-runs <n>', 'trials that shrinking one failure may take; 0: none', parseWhole, 400)
    .option('--out <dir>', 'folder for the scenarios of failures', 'reports/out/fuzz')
    .option('--keep-going', 'go on after the first failure')
    .option('--quiet', 'print nothing but the result and errors')
    .action(async (options: FuzzOptions) => {
      const root = process.cwd();
      const interrupt = new AbortController();
      const onInterrupt = () => interrupt.abort();
      process.once('SIGINT', onInterrupt);
      const startedMs = Date.now();
      const result = await search(
        {
          root,
          firstSeed: options.seed,
          trials: options.trials,
          jobs: Math.min(options.jobs ?? availableParallelism(), options.trials),
          timeLimitMs: options.timeLimit ?? Number.POSITIVE_INFINITY,
          trialLimitMs: options.trialLimit,
          outDir: resolve(root, options.out),
          keepGoing: options.keepGoing === true,
          shrinkRuns: options.shrinkRuns,
          focus: options.focus,
        },
        fuzzProgress(options.quiet === true),
        interrupt.signal,
      ).finally(() => process.removeListener('SIGINT', onInterrupt));
      printTallies(result, (Date.now() - startedMs) / 1_000);
      for (const finding of result.findings) printFinding(finding);
      if (result.findings.length > 0)
        process.exitCode = exitCodeOf(result.findings.flatMap(({ failures }) => failures));
      else if (interrupt.signal.aborted) process.exitCode = INTERRUPTED;
    });
}

function printTallies({ tallies, complete }: SearchResult, seconds: number): void {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ['trials', `${tallies.trials}${complete ? '' : ' (ended early)'}, ${tallies.failed} failed`],
    ['requests', String(tallies.requests)],
    ['faults that struck', words(tallies.faults)],
    ['checks judged', words(tallies.judged)],
    ['checks violated', tallies.violated.size === 0 ? 'none' : words(tallies.violated)],
    ['seconds', seconds.toFixed(1)],
  );
  process.stdout.write(`${table.toString()}\n`);
}

function words(counts: Counts): string {
  const width = 90;
  const lines = [''];
  for (const [name, count] of counts) {
    const word = `${name} ${count}`;
    const last = lines[lines.length - 1] ?? '';
    if (last.length + word.length + 2 > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last}, ${word}`;
  }
  return lines.join('\n');
}

function printFinding({ seed, failures, trial, runs, minimal, file }: Finding): void {
  for (const { check, detail } of failures) process.stdout.write(`${pc.red('violated')} ${check}: ${detail}\n`);
  const { faults = [] } = trial.input;
  const how = minimal ? 'nothing more can be left out' : 'the budget is used up';
  process.stdout.write(
    `  trial ${seed}, shrunk in ${runs} runs (${how}) to ${faults.length} faults: ${file}\n  replay: ${replayCommand(file, trial)}\n`,
  );
}

function parseFocus(text: string): FocusName {
  const names = Object.keys(FOCI);
  if (isFocus(text)) return text;
  throw new InvalidArgumentError(`found '${text}'; accepted: ${names.join(', ')}${didYouMean(text, names)}`);
}

/** A time above 0, in ms. */
export function parseTime(text: string): number {
  const timeMs = parseDuration(text);
  if (timeMs === undefined || timeMs <= 0)
    throw new InvalidArgumentError(`found '${text}'; accepted: a time such as 500ms, 90s or 10m`);
  return timeMs;
}
