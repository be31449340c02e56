import Table from 'cli-table3';
import pc from 'picocolors';
import { formatNumber, formatValue } from '../../reports/compare/format.ts';
import { type ScorecardCell, type ScorecardRow, scorecard } from '../../reports/compare/scorecard.ts';
import { failuresWithWitness, verdict } from '../../reports/compare/verdict.ts';
import { shown } from './place.ts';
import type { SessionResult } from './session.ts';

/** Figures of each variant: means over the seeds that ran. */
export function printFigures(root: string, result: SessionResult): void {
  print(root, result, ({ mean }, row) => formatValue(mean, row.unit));
}

/** The verdict, then each figure with its difference to the baseline variant and the interval over seeds. */
export function printScorecard(root: string, result: SessionResult): void {
  const card = scorecard(result.comparison, result.records);
  for (const sentence of verdict(card)) process.stdout.write(`${sentence}\n`);
  print(root, result, (cell, row) => `${formatValue(cell.mean, row.unit)}${difference(cell)}`);
}

/** Everything as JSON: the comparison, the scorecard and where the files are. */
export function printJson(root: string, results: readonly SessionResult[]): void {
  const plain = results.map((result) => ({
    comparison: result.comparison,
    complete: result.complete,
    failures: result.failures,
    folder: shown(root, result.folder),
    report: shown(root, result.report),
    scorecard: scorecard(result.comparison, result.records),
  }));
  process.stdout.write(`${JSON.stringify(plain.length === 1 ? plain[0] : plain, null, 2)}\n`);
}

function print(root: string, result: SessionResult, show: (cell: ScorecardCell, row: ScorecardRow) => string): void {
  const card = scorecard(result.comparison, result.records);
  const rows = card.rows.filter((row) => row.headline !== null);
  const table = new Table({
    head: [card.scenario, ...rows.map(({ label }) => label)],
    style: { head: [], border: [] },
    wordWrap: true,
  });
  for (const variant of card.variants) {
    const cells = rows.map((row) => {
      const cell = row.cells.find((candidate) => candidate.variant === variant);
      if (cell === undefined) return '';
      const text = show(cell, row);
      return row.best === variant ? pc.green(text) : text;
    });
    table.push([variant === card.baseline ? `${variant} (baseline)` : variant, ...cells]);
  }
  process.stdout.write(`${table.toString()}\n`);
  for (const { sentence, witness } of failuresWithWitness(card)) {
    process.stdout.write(`${pc.red('!')} ${sentence}\n`);
    if (witness !== '') process.stdout.write(`  ${witness}\n`);
  }
  process.stdout.write(`report  ${shown(root, result.report)}\nrecords ${shown(root, result.folder)}\n`);
}

/** ` +12 % [8, 15]`, with a tilde where the interval includes zero. */
function difference({ difference: paired, judgement }: ScorecardCell): string {
  const relativeTo = paired?.relative;
  if (relativeTo === null || relativeTo === undefined) return '';
  const percent = (share: number) => `${share > 0 ? '+' : ''}${formatNumber(share * 100, 2)}`;
  const interval =
    relativeTo.low === null || relativeTo.high === null
      ? ''
      : ` [${percent(relativeTo.low)}, ${percent(relativeTo.high)}]`;
  return `\n${judgement === 'unsure' ? '~' : ''}${percent(relativeTo.value)} %${interval}`;
}
