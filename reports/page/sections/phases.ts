import type { RunRecord } from '../../../sim/record/schema.ts';
import type { PageData } from '../../charts/model.ts';
import { formatMs, formatNumber, formatPercent, NO_SAMPLE, shorten } from '../../compare/format.ts';
import { type Html, html } from '../html.ts';

/** Phases × variants: p99, and below it the share of requests that were not answered well. */
export function phaseMatrix(records: readonly RunRecord[], page: PageData): Html {
  const names = [...new Set(records.flatMap((record) => record.phases.map((phase) => phase.name)))];
  if (names.length === 0) return html`<p class="muted">The records hold no phases.</p>`;
  return html`<div class="scroll sticky" tabindex="0" role="region" aria-label="p99 by phase"><table class="phases"><thead><tr><th class="text">p99 by phase (seed ${page.seed})</th>${records.map(({ variant }) => html`<th class="name">${shorten(variant.name, 28)}</th>`)}</tr></thead><tbody>
${names.map(
  (name) =>
    html`<tr><th class="text" scope="row">${shorten(name, 44)}</th>${records.map((record) => {
      const phase = record.phases.find((candidate) => candidate.name === name);
      if (!phase) return html`<td class="muted">${NO_SAMPLE}</td>`;
      const bad = phase.failed + phase.unknown;
      return html`<td>${phase.p99Ms === null ? NO_SAMPLE : formatMs(phase.p99Ms)}${bad > 0 ? html`<br><span class="bad small">${phase.requests > 0 ? formatPercent(bad / phase.requests) : formatNumber(bad, 9)} not ok</span>` : null}</td>`;
    })}</tr>`,
)}</tbody></table></div>`;
}
