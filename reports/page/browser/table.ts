import type { Cell, Chart } from '../../charts/chart.ts';
import type { Choice, PageData } from '../../charts/model.ts';
import { formatNumber } from '../../compare/format.ts';

/** More rows than a person reads or a browser likes. */
const MOST_ROWS = 1500;

/** Fills the table behind a chart with what the chart shows: same data, same window. */
export function fillTable(details: HTMLElement, chart: Chart, page: PageData, choice: Choice): void {
  const target = details.querySelector('.scroll');
  if (!target) return;
  const rows = (chart.data(page, choice)[chart.table.from] ?? []).filter((row) => {
    if ('kind' in row && row['kind'] !== 'point') return false;
    const time = row['t'] ?? row['from'];
    return !chart.timed || typeof time !== 'number' || (time >= choice.from && time <= choice.to);
  });
  const table = document.createElement('table');
  const head = table.createTHead().insertRow();
  for (const column of chart.table.columns) {
    const cell = document.createElement('th');
    cell.textContent = column.label;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = body.insertRow();
    for (const { field } of chart.table.columns) line.insertCell().textContent = print(row[field] ?? null);
  }
  const note = document.createElement('p');
  note.className = 'muted';
  note.textContent =
    rows.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${rows.length} rows; zoom in for the others.` : '';
  target.replaceChildren(table, note);
}

function print(value: Cell): string {
  return value === null ? 'no sample' : typeof value === 'number' ? formatNumber(value, 6) : value;
}
