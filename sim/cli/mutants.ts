import { join } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import pc from 'picocolors';
import { type HuntLimits, hunt, TRIAL_LIMIT_MS } from '../experiment/fuzz/mutants/hunt.ts';
import { Ledger } from '../experiment/fuzz/mutants/ledger.ts';
import type { Mutant } from '../experiment/fuzz/mutants/mutant.ts';
import { MUTANTS, UNFOUND } from '../experiment/fuzz/mutants/mutants.ts';
import { specimenOf } from '../experiment/fuzz/mutants/mutate.ts';
import { type Row, tableOf, writeTable } from '../experiment/fuzz/mutants/report.ts';
import { SpecimenProcess } from '../experiment/fuzz/mutants/specimen-process.ts';
import { didYouMean } from '../experiment/suggest.ts';
import { UserError } from '../experiment/user-error.ts';
import { LIVENESS_VIOLATED } from './failure.ts';
import { parseTime } from './fuzz.ts';
import { parseCount, parseWhole } from './options.ts';

interface MutantOptions {
  readonly only?: string;
  readonly trials: number;
  readonly seed: number;
  readonly timeLimit: number;
  readonly shrinkRuns: number;
  readonly fresh?: true;
  readonly write?: true;
}

const README = 'sim/experiment/fuzz/mutants/README.md';
const LEDGER = 'reports/out/mutants.json';

/** `evenkeel mutants`: does the search find defects that were put into copies of the store? */
export function mutantsCommand(): Command {
  return new Command('mutants')
    .description('prove the checks: search stores with one known defect each until a check finds it')
    .option('--only <ids>', 'some mutants, with commas between them')
    .option('--trials <n>', 'trials for each at the most', parseCount, 200)
    .option('--seed <n>', 'seed of the first trial', parseWhole, 1)
    .option('--time-limit <time>', 'for each, such as 90s', parseTime, 600_000)
    .option('--shrink-runs <n>', 'trials that shrinking what found a mutant may take; 0: none', parseWhole, 0)
    .option('--fresh', 'forget what earlier runs have found')
    .option('--write', `put the results into ${README}`)
    .action(async ({ only, trials, seed, timeLimit, shrinkRuns, fresh, write }: MutantOptions) => {
      const root = process.cwd();
      const limits = { firstSeed: seed, trials, timeLimitMs: timeLimit, shrinkRuns };
      const rows = await huntAll(root, chosen(only), limits, fresh === true);
      printTable(rows, trials);
      if (write) await writeTable(join(root, README), tableOf(rows, limits));
      if (rows.some(({ hunt: { violated } }) => violated.length === 0)) process.exitCode = LIVENESS_VIOLATED;
    });
}

async function huntAll(root: string, mutants: readonly Mutant[], limits: HuntLimits, fresh: boolean): Promise<Row[]> {
  const ledger = await Ledger.open(root, join(root, LEDGER), fresh);
  const specimen = await specimenOf(root);
  const healthy = new SpecimenProcess(root, specimen.script, TRIAL_LIMIT_MS);
  const rows: Row[] = [];
  try {
    for (const mutant of mutants) {
      const known = await ledger.find(mutant, limits);
      const result = known ?? (await hunt(root, healthy, mutant, limits));
      if (known === undefined) await ledger.note(mutant, limits, result);
      rows.push({ mutant, hunt: result });
      process.stderr.write(`mutants: ${rows.length}/${mutants.length} ${mutant.id}: ${inWords(rows.at(-1))}\n`);
    }
  } finally {
    healthy.close();
    await specimen.remove();
  }
  return rows;
}

function inWords(row: Row | undefined): string {
  if (row === undefined) return '';
  const { trials, seconds, violated, unsound } = row.hunt;
  const by = violated.map(({ check }) => check).join(' ') || 'NOT FOUND';
  const unsoundly = unsound.length === 0 ? '' : `; violated without it too: seeds ${unsound.join(' ')}`;
  return `${by} at trial ${trials}, ${seconds} s${unsoundly}`;
}

function printTable(rows: readonly Row[], trials: number): void {
  const table = new Table({
    head: ['mutant', 'does wrong', 'found by', 'at trial', 'seconds'],
    colWidths: [36, 50, 30, 12, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { mutant, hunt: result } of rows) {
    const by = result.violated.map(({ check }) => check).join(' ');
    const told = by === '' ? pc.red(`nothing (${mutant.expects.join(' ')})`) : by;
    table.push([mutant.id, mutant.description, told, `${result.trials} of ${trials}`, result.seconds]);
  }
  process.stdout.write(`${table.toString()}\n`);
}

/** All that should be found, or those that are named: also the ones that nothing has found yet. */
function chosen(only: string | undefined): readonly Mutant[] {
  if (only === undefined) return MUTANTS;
  const all = [...MUTANTS, ...UNFOUND];
  const ids = all.map(({ id }) => id);
  const wanted = only.split(',').map((id) => id.trim());
  for (const id of wanted) {
    if (!ids.includes(id))
      throw new UserError(`--only: found '${id}'; accepted: ${ids.join(', ')}${didYouMean(id, ids)}`);
  }
  return all.filter(({ id }) => wanted.includes(id));
}
