import { readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, relative } from 'node:path';
import Table from 'cli-table3';
import { Command } from 'commander';
import pc from 'picocolors';
import { formatValue } from '../../reports/compare/format.ts';
import { describeWitness } from '../../reports/compare/witness.ts';
import { readBaseline, writeBaseline } from '../../reports/gate/baseline.ts';
import { type JudgedFigure, judge } from '../../reports/gate/judge.ts';
import { type Measurement, measure } from '../../reports/gate/measurement.ts';
import { judgeSuite } from '../../reports/gate/suite.ts';
import type { CheckResult } from '../record/schema.ts';
import { BAD_INPUT, exitCodeOf } from './failure.ts';
import { parseCount } from './options.ts';
import { type PlannedSession, planSession, runSession } from './session.ts';

const SUITE = 'scenarios/gate';
const BASELINES = 'reports/baseline';

/** Exit code of the gate for a figure that is worse than its budget. */
const REGRESSED = 1;

interface GateOptions {
  readonly out: string;
  readonly jobs?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** A check that a trial violated, and how to play that trial again. */
interface Violated extends CheckResult {
  readonly command: string;
}

interface GateRun {
  readonly session: PlannedSession;
  readonly measurement: Measurement;
  readonly violated: readonly Violated[];
  readonly report: string;
}

/** `evenkeel gate` and `evenkeel gate accept`: the gate suite against the committed baseline. */
export function gateCommand(): Command {
  const gate = withGateOptions(
    new Command('gate').description(
      'run the gate suite and compare it with the committed baseline; exits 1 if a figure regressed, 2 if it cannot judge',
    ),
  );
  gate.action(async (options: GateOptions) => {
    const root = process.cwd();
    const runs = await runSuite(root, options);
    const rows = await judgeSuite(
      join(root, BASELINES),
      runs.map(({ session, measurement }) => ({ measurement, budgets: session.loaded.scenario.gate })),
    );
    const violated = runs.flatMap((run) => run.violated);
    if (options.json === true) process.stdout.write(`${JSON.stringify({ rows, violated }, null, 2)}\n`);
    else printVerdict(root, rows, runs);
    process.exitCode = exitCode(rows, violated);
  });
  gate.addCommand(acceptCommand());
  return gate;
}

function acceptCommand(): Command {
  const command = new Command('accept')
    .description('run the gate suite and make its figures the new baseline')
    .requiredOption('--reason <text>', 'why the figures may change; kept beside them');
  return withGateOptions(command).action(async (_own: unknown, self: Command) => {
    const options = self.optsWithGlobals<GateOptions & { reason: string }>();
    if (options.reason.trim() === '')
      self.error("error: option '--reason': found an empty text; accepted: why the figures may change");
    const root = process.cwd();
    const runs = await runSuite(root, options);
    const violated = runs.flatMap((run) => run.violated);
    if (violated.length > 0) {
      printViolated(violated);
      process.exitCode = exitCode([], violated);
      return;
    }
    for (const { session, measurement } of runs) {
      const earlier = await readBaseline(join(root, BASELINES), measurement.scenario).catch(() => undefined);
      const changes = judge(earlier?.measurement, measurement, session.loaded.scenario.gate)
        .filter(({ base, head, judgement }) => base !== head || (earlier !== undefined && judgement === 'cannot-judge'))
        .map((row) => describeRow(row));
      const accepted = {
        reason: options.reason,
        author: userInfo().username,
        on: new Date().toISOString().slice(0, 10),
        changes,
      };
      process.stdout.write(
        `${relative(root, await writeBaseline(join(root, BASELINES), measurement, accepted, earlier))}\n`,
      );
    }
  });
}

function withGateOptions(command: Command): Command {
  return command
    .option('--jobs <n>', 'worker threads at the most; one a core by default', parseCount)
    .option('--out <dir>', 'folder for records and reports', 'reports/out/gate')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress');
}

async function runSuite(root: string, options: GateOptions): Promise<readonly GateRun[]> {
  const files = (await readdir(join(root, SUITE))).filter((file) => file.endsWith('.ts')).sort();
  const runOptions = { ...options, set: [] };
  const sessions: PlannedSession[] = [];
  for (const file of files) sessions.push(await planSession(root, `${SUITE}/${file}`, runOptions));
  const runs: GateRun[] = [];
  for (const session of sessions) {
    const { records, report } = await runSession(root, session, runOptions);
    const measurement = measure(records, Object.keys(session.loaded.scenario.gate));
    const violated = records.flatMap(({ checks, command }) =>
      checks.filter(({ verdict }) => verdict === 'violated').map((check) => ({ ...check, command })),
    );
    runs.push({ session, measurement, violated, report });
  }
  return runs;
}

function printVerdict(root: string, rows: readonly JudgedFigure[], runs: readonly GateRun[]): void {
  const notable = rows.filter(({ judgement }) => judgement !== 'pass');
  if (notable.length > 0) {
    const table = new Table({
      head: ['', 'scenario', 'variant', 'figure', 'baseline', 'now', 'worse by', 'budget', 'note'],
      style: { head: [], border: [] },
    });
    for (const row of notable) table.push([colour(row), row.scenario, row.variant, row.label, ...cells(row), row.note]);
    process.stdout.write(`${table.toString()}\n`);
  }
  printViolated(runs.flatMap(({ violated }) => violated));
  const count = (judgement: JudgedFigure['judgement']) => rows.filter((row) => row.judgement === judgement).length;
  process.stdout.write(
    `gate: ${count('pass')} pass, ${count('improved')} improved, ${count('regressed')} regressed, ${count('cannot-judge')} cannot be judged\n`,
  );
  for (const { report } of runs) process.stdout.write(`report  ${relative(root, report)}\n`);
}

function printViolated(violated: readonly Violated[]): void {
  for (const { id, statement, detail, witness, command } of violated) {
    process.stdout.write(`${pc.red('violated')} ${id}: ${statement} (${detail})\n`);
    process.stdout.write(`  ${describeWitness(witness, command)}\n`);
  }
}

function cells({ base, head, unit, worsePercent, budget }: JudgedFigure): string[] {
  const value = (figure: number | null) => (unit === undefined ? '' : formatValue(figure, unit));
  const allowed =
    budget === undefined
      ? ''
      : `${budget.worsePercent} %${budget.worseAbsolute > 0 && unit !== undefined ? ` or ${formatValue(budget.worseAbsolute, unit)}` : ''}`;
  return [value(base), value(head), worsePercent === null ? '' : `${worsePercent.toFixed(1)} %`, allowed];
}

function describeRow(row: JudgedFigure): string {
  const [base, head, worse] = cells(row);
  return `${`${row.variant} ${row.figure}`.trim()}: ${row.judgement === 'cannot-judge' ? row.note : `${base} → ${head} (worse by ${worse})`}`;
}

function colour({ judgement }: JudgedFigure): string {
  if (judgement === 'improved') return pc.green(judgement);
  return pc.red(judgement);
}

/** Violations come first: a wrong store makes every figure meaningless. */
function exitCode(rows: readonly JudgedFigure[], violated: readonly CheckResult[]): number {
  if (violated.length > 0) return exitCodeOf(violated);
  if (rows.length === 0 || rows.some(({ judgement }) => judgement === 'cannot-judge')) return BAD_INPUT;
  return rows.some(({ judgement }) => judgement === 'regressed') ? REGRESSED : 0;
}
