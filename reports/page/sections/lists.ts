import type { RunRecord } from '../../../sim/record/schema.ts';
import { formatBytes, formatMs, formatNumber, formatPercent, NO_SAMPLE, shorten } from '../../compare/format.ts';
import { type Html, html } from '../html.ts';

/** What a list shows at most; the page says how many more there are. */
const MOST_MOVES = 40;
const MOST_HOTSPOTS = 30;
const MOST_DECISIONS = 30;

/** Moves of one variant: what, from where to where, why, and whether it helped. */
export function movesTable(record: RunRecord, most = MOST_MOVES): Html {
  const { entries, omitted } = record.ledger;
  if (entries.length === 0) return html`<p class="muted">No moves.</p>`;
  const shown = sample(entries, most);
  const hidden = entries.length - shown.length + omitted;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Moves"><table><thead><tr><th>Start</th><th class="text">Cause</th><th>Partition</th><th class="text">From → to</th><th>Size</th><th>Took</th><th class="text">Outcome</th><th class="text">Why</th><th class="text">Helped</th></tr></thead><tbody>
${shown.map(
  (move) =>
    html`<tr><td>${formatMs(move.startMs)}</td><td class="text">${move.cause}</td><td>${move.partition}</td><td class="text name">${shorten(move.from, 24)} → ${shorten(move.to, 24)}</td><td>${formatBytes(move.bytes)}</td><td>${move.endMs === null ? '–' : formatMs(move.endMs - move.startMs)}</td><td class="text ${move.outcome === 'failed' ? 'bad' : ''}">${move.outcome}</td><td class="long">${shorten(move.why, 160)}</td><td class="text">${helped(move.helped)}</td></tr>`,
)}</tbody></table></div>${hidden > 0 ? html`<p class="muted">${hidden} more moves are in the record or counted there; the totals above take all.</p>` : null}`;
}

function helped(change: { before: number; after: number } | null): Html {
  if (change === null) return html`<span class="muted">–</span>`;
  const better = change.after < change.before;
  return html`<span class="${better ? 'good' : 'bad'}">${better ? 'yes' : 'no'}: ${formatNumber(change.before)} → ${formatNumber(change.after)}</span>`;
}

/** Hotspots of one variant, with the keys behind them. */
export function hotspotTable(record: RunRecord): Html {
  const ranked = [...record.hotspots]
    .map((spot, i) => ({ spot, i }))
    .sort((a, b) => b.spot.peakFactor - a.spot.peakFactor || a.i - b.i)
    .map(({ spot }) => spot);
  if (ranked.length === 0) {
    return html`<p class="muted">No node, partition or key stayed above ${formatNumber(record.scenario.hotspot.factor)} × its fair share for ${formatMs(record.scenario.hotspot.forMs)}.</p>`;
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Hotspots"><table><thead><tr><th class="text">What</th><th class="text">Name</th><th>From</th><th>To</th><th>Peak</th><th>Mean</th><th class="text">Keys behind it</th><th class="text">What ended it</th></tr></thead><tbody>
${ranked
  .slice(0, MOST_HOTSPOTS)
  .map(
    (spot) =>
      html`<tr><td class="text">${spot.subject}</td><th class="text name" scope="row" title="${shorten(spot.id, 200)}">${shorten(spot.id, 40)}</th><td>${formatMs(spot.startMs)}</td><td>${spot.endMs === null ? 'end' : formatMs(spot.endMs)}</td><td>${formatNumber(spot.peakFactor)} ×</td><td>${formatNumber(spot.meanFactor)} ×</td><td class="long">${spot.keys.length === 0 ? html`<span class="muted">–</span>` : spot.keys.slice(0, 5).map((entry, i) => html`${i > 0 ? ', ' : ''}<code>${shorten(entry.key, 60)}</code> ${formatPercent(entry.share)}`)}</td><td class="long">${shorten(spot.ended, 120)}</td></tr>`,
  )}</tbody></table></div>${ranked.length > MOST_HOTSPOTS ? html`<p class="muted">${ranked.length - MOST_HOTSPOTS} milder ones are in the record.</p>` : null}`;
}

/** Before, during and after each fault. */
export function phaseTable(record: RunRecord): Html {
  if (record.phases.length === 0) return html`<p class="muted">The record holds no phases.</p>`;
  const ms = (value: number | null): string => (value === null ? NO_SAMPLE : formatMs(value));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Phases"><table><thead><tr><th class="text">Phase</th><th>From</th><th>To</th><th>Requests</th><th>Goodput</th><th>Failed</th><th>Unknown</th><th>p50</th><th>p99</th><th>Longest</th><th>Peak-to-mean</th></tr></thead><tbody>
${record.phases.map(
  (phase) =>
    html`<tr><th class="text name" scope="row">${shorten(phase.name, 48)}</th><td>${formatMs(phase.startMs)}</td><td>${formatMs(phase.endMs)}</td><td>${formatNumber(phase.requests, 9)}</td><td>${formatNumber(phase.goodputPerS)}/s</td><td class="${phase.failed > 0 ? 'bad' : ''}">${formatNumber(phase.failed, 9)}</td><td class="${phase.unknown > 0 ? 'bad' : ''}">${formatNumber(phase.unknown, 9)}</td><td>${ms(phase.p50Ms)}</td><td>${ms(phase.p99Ms)}</td><td>${ms(phase.maxMs)}</td><td>${phase.peakToMean === null ? NO_SAMPLE : formatNumber(phase.peakToMean)}</td></tr>`,
)}</tbody></table></div>`;
}

/** What was decided, and why not otherwise. */
export function decisionTable(record: RunRecord): Html {
  const { entries, omitted } = record.decisions;
  if (entries.length === 0) return html`<p class="muted">No decisions were recorded.</p>`;
  const shown = sample(entries, MOST_DECISIONS);
  const hidden = entries.length - shown.length + omitted;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Decisions"><table><thead><tr><th>At</th><th class="text">Who</th><th class="text">On</th><th class="text">Chose</th><th class="text">Why</th><th class="text">Rejected</th></tr></thead><tbody>
${shown.map(
  (decision) =>
    html`<tr><td>${formatMs(decision.atMs)}</td><td class="text">${shorten(decision.by, 30)}</td><td class="text name">${shorten(decision.subject, 30)}</td><td class="long">${shorten(decision.chose, 90)}</td><td class="long">${shorten(decision.why, 160)}</td><td class="long">${decision.rejected.length === 0 ? html`<span class="muted">–</span>` : decision.rejected.slice(0, 4).map((other, i) => html`${i > 0 ? html`<br>` : ''}${shorten(other.option, 60)}: ${shorten(other.why, 100)}`)}</td></tr>`,
)}</tbody></table></div>${hidden > 0 ? html`<p class="muted">${hidden} more decisions are in the record or counted there.</p>` : null}`;
}

/** Evenly spaced entries, first and last among them, so that a long list still shows its whole course. */
function sample<T>(entries: readonly T[], limit: number): readonly T[] {
  if (entries.length <= limit) return entries;
  const picked = new Set(Array.from({ length: limit }, (_, i) => Math.round((i * (entries.length - 1)) / (limit - 1))));
  return entries.filter((_, i) => picked.has(i));
}
