import { metThroughout } from '../../compare/failures.ts';
import { formatList, formatNumber, formatValue, inSentence, NO_SAMPLE, shorten } from '../../compare/format.ts';
import { BOOTSTRAP_FROM, type PairedDifference } from '../../compare/paired.ts';
import type { Scorecard, ScorecardCell, ScorecardRow } from '../../compare/scorecard.ts';
import { noSample } from '../../compare/verdict.ts';
import { type Html, html } from '../html.ts';

/** Variants × figures, with paired differences; then checks and objectives with what was reached. */
export function scorecardSection(card: Scorecard, chart: Html): Html {
  const several = card.variants.length > 1;
  return html`<section id="scorecard"><h2>Scorecard</h2>
<p class="look">${explain(card)}</p>
<div class="scroll sticky wide" tabindex="0" role="region" aria-label="Scorecard"><table class="scorecard"><thead><tr><th class="text">Figure</th>
${card.variants.map((name) => html`<th title="${shorten(name, 200)}">${shorten(name, 28)}${several && name === card.baseline ? html`<br><span class="muted">baseline</span>` : null}</th>`)}
</tr></thead><tbody>${card.rows.filter(telling).map((row) => figureRow(row, card))}</tbody></table></div>
${untold(card)}
${chart}
${objectives(card)}
${checks(card)}
</section>`;
}

function explain(card: Scorecard): string {
  const n = card.seeds.length;
  if (card.variants.length === 1)
    return n > 1 ? `Mean over ${n} seeds; below it the range.` : 'One variant, one seed: values without an interval.';
  if (n === 1)
    return 'One seed: differences to the baseline have no interval, so none is marked and nothing is said to be best.';
  const method = n < BOOTSTRAP_FROM ? 'Student’s t on the pairs' : 'seeded bootstrap (BCa) over the pairs';
  return `Mean over ${n} seeds; below it the difference to ${shorten(card.baseline)} with its 95 % interval, paired by seed (${method}), and on how many seeds it was better. Coloured where the interval excludes zero; bold where one variant is ahead of every other that has a sample, and has one itself wherever another has.`;
}

/** Whether a row of its own says more than a line of text: some variant has a value that another has not. */
function telling(row: ScorecardRow): boolean {
  const means = row.cells.map((cell) => cell.mean);
  if (means.every((mean) => mean === null)) return false;
  return (
    means.length === 1 ||
    row.headline !== null ||
    new Set(means).size > 1 ||
    row.cells.some((cell) => cell.difference !== null && cell.difference.equal < cell.difference.pairs)
  );
}

function untold(card: Scorecard): Html | null {
  const rest = card.rows.filter((row) => !telling(row));
  const empty = rest.filter((row) => row.cells.every((cell) => cell.mean === null)).map((row) => inSentence(row.label));
  const same = rest
    .filter((row) => row.cells.some((cell) => cell.mean !== null))
    .map((row) => `${inSentence(row.label)} ${formatValue(row.cells[0]?.mean ?? null, row.unit)}`);
  if (rest.length === 0) return null;
  return html`<p class="look">${same.length > 0 ? `The same under every variant: ${formatList(same)}. ` : ''}${empty.length > 0 ? `No sample in any run: ${formatList(empty)}.` : ''}</p>`;
}

function figureRow(row: ScorecardRow, card: Scorecard): Html {
  const direction = row.better === 'neither' ? null : html`<small>${row.better} is better</small>`;
  return html`<tr><th class="text" scope="row" title="${shorten(row.figure, 200)}">${shorten(row.label, 60)}${direction}</th>${row.cells.map((cell) => figureCell(cell, row, card))}</tr>`;
}

function figureCell(cell: ScorecardCell, row: ScorecardRow, card: Scorecard): Html {
  const classes = [
    row.best === cell.variant ? 'best' : '',
    cell.judgement === 'better' || cell.judgement === 'worse' ? cell.judgement : '',
  ]
    .filter(Boolean)
    .join(' ');
  const partial =
    cell.samples > 0 && cell.samples < card.seeds.length
      ? html`<span class="delta">${cell.samples} of ${card.seeds.length} seeds</span>`
      : null;
  const range =
    card.variants.length === 1 && cell.samples > 1
      ? html`<span class="delta">${formatValue(cell.least, row.unit)} to ${formatValue(cell.most, row.unit)}</span>`
      : null;
  return html`<td class="${classes}"><span class="value">${formatValue(cell.mean, row.unit)}${row.best === cell.variant ? ' ★' : ''}</span>${
    cell.difference ? html`<span class="delta">${signed(cell.difference, row)}</span>${tally(cell, row)}` : null
  }${range}${partial}</td>`;
}

/** `−41 % [−45, −37]`: sign and interval as they are, for a table. */
export function signed(difference: PairedDifference, row: Pick<ScorecardRow, 'unit'>): string {
  const { relative, absolute } = difference;
  const estimate = relative ?? absolute;
  const print = (value: number): string => {
    // Hundredths of a per cent are the end of what a table cell can say.
    if (relative) return formatNumber(Math.round(value * 10_000) / 100, Math.abs(value) >= 1 ? 3 : 2);
    return row.unit === 'fraction' ? formatNumber(value * 100, 2) : formatValue(value, row.unit);
  };
  const unit = relative ? ' %' : row.unit === 'fraction' ? ' points' : '';
  const sign = estimate.value > 0 ? '+' : '';
  if (estimate.value === 0 && estimate.low === 0 && estimate.high === 0) return 'equal';
  const interval =
    estimate.low === null || estimate.high === null ? '' : ` [${print(estimate.low)}, ${print(estimate.high)}]`;
  return `${sign}${print(estimate.value)}${unit}${interval}`;
}

function tally(cell: ScorecardCell, row: ScorecardRow): Html | null {
  const { difference } = cell;
  if (!difference || row.better === 'neither' || difference.pairs < 2 || difference.equal === difference.pairs)
    return null;
  return html`<span class="delta">better on ${cell.wins} of ${difference.pairs}</span>`;
}

function objectives(card: Scorecard): Html | null {
  if (card.slos.length === 0) return null;
  const figures = [...new Set(card.slos.map((slo) => `${slo.figure} ${slo.max} ${slo.min}`))];
  return html`<h3>Objectives</h3><div class="scroll" tabindex="0" role="region" aria-label="Objectives"><table class="objectives"><thead><tr><th class="text">Objective</th>${card.variants.map((name) => html`<th>${shorten(name, 28)}</th>`)}</tr></thead><tbody>
${figures.map((key) => {
  const outcomes = card.slos.filter((slo) => `${slo.figure} ${slo.max} ${slo.min}` === key);
  const [first] = outcomes;
  if (!first) return null;
  const limit = [
    first.max === null ? '' : `at most ${formatValue(first.max, first.unit)}`,
    first.min === null ? '' : `at least ${formatValue(first.min, first.unit)}`,
  ]
    .filter(Boolean)
    .join(', ');
  return html`<tr><th class="text" scope="row">${shorten(first.label, 60)}, ${limit}</th>${card.variants.map(
    (variant) => {
      const outcome = outcomes.find((slo) => slo.variant === variant);
      const judged = (outcome?.metSeeds ?? 0) + (outcome?.failedSeeds.length ?? 0);
      if (!outcome || judged === 0) return html`<td class="muted">${NO_SAMPLE}</td>`;
      const failed = outcome.failedSeeds.length > 0;
      const met = metThroughout(outcome);
      return html`<td class="${failed ? 'bad' : met ? 'good' : ''}">${failed ? `missed on ${outcome.failedSeeds.length} of ${judged}` : `met on ${judged} of ${judged}`}${outcome.unjudgedSeeds.length > 0 ? html`<br>${noSample(outcome)}` : null}<br><span class="muted">worst ${formatValue(outcome.worst, outcome.unit)}</span></td>`;
    },
  )}</tr>`;
})}</tbody></table></div>`;
}

function checks(card: Scorecard): Html | null {
  const ids = [...new Set(card.checks.map((check) => check.id))];
  if (ids.length === 0) return html`<p class="muted">The records hold no checks.</p>`;
  return html`<h3>Checks</h3><div class="scroll" tabindex="0" role="region" aria-label="Checks"><table><thead><tr><th class="text">Check</th><th class="text">Statement</th><th class="text">Verdict</th><th>Put to the test</th></tr></thead><tbody>
${ids.map((id) => {
  const outcomes = card.checks.filter((check) => check.id === id);
  const violated = outcomes.reduce((sum, check) => sum + check.violatedSeeds.length, 0);
  const held = outcomes.reduce((sum, check) => sum + check.held, 0);
  const unjudged = outcomes.reduce((sum, check) => sum + check.unjudgedSeeds.length, 0);
  const evaluated = outcomes.reduce((sum, check) => sum + check.evaluated, 0);
  const words = [
    violated > 0 ? `violated in ${violated} trials` : '',
    held > 0 ? `held in ${held}` : '',
    unjudged > 0 ? `not judged in ${unjudged}` : '',
  ]
    .filter(Boolean)
    .join(', ');
  const shown = outcomes.find((check) => check.witness !== '');
  return html`<tr><th class="text" scope="row">${shorten(id, 40)}</th><td class="long">${outcomes[0]?.statement ?? ''}${shown === undefined ? null : html`<br><span class="bad">${shorten(shown.variant)}: ${shorten(shown.detail, 200)}</span><br><span class="muted">${shown.witness}</span>`}</td><td class="text ${violated > 0 ? 'bad' : held > 0 ? 'good' : 'muted'}">${words}</td><td>${formatNumber(evaluated, 9)}×</td></tr>`;
})}</tbody></table></div>`;
}
