import type { Comparison, RunRecord } from '../../sim/record/schema.ts';
import { CHARTS } from '../charts/all.ts';
import type { PageData } from '../charts/model.ts';
import { thinningNotes } from '../charts/page-data.ts';
import { formatNumber, formatValue, shorten } from '../compare/format.ts';
import type { Scorecard } from '../compare/scorecard.ts';
import type { Trials } from '../compare/trials.ts';
import type { Drawing } from './draw.ts';
import { type Html, html } from './html.ts';
import { chartFigure } from './sections/figure.ts';
import { decisionTable, hotspotTable, movesTable, phaseTable } from './sections/lists.ts';
import { opening } from './sections/opening.ts';
import { phaseMatrix } from './sections/phases.ts';
import { replaySection } from './sections/replay.ts';
import { scorecardSection } from './sections/scorecard.ts';

/** All that the sections of a page are drawn from. */
export interface PageParts {
  readonly comparison: Comparison;
  readonly trials: Trials;
  readonly card: Scorecard;
  readonly page: PageData;
  readonly drawings: ReadonlyMap<string, Drawing>;
}

/** The page's body, in the order in which a reader asks: what came out, how sure, where, when, why, and how to get it again. */
export function body({ comparison, trials, card, page, drawings }: PageParts): Html {
  const shown = trials.variants.flatMap(
    (variant) => trials.at(variant, page.seed) ?? trials.of(variant).find((record) => record !== null) ?? [],
  );
  const lead = shown[page.baseline] ?? shown[0];
  if (lead === undefined) throw new Error('records: found none to draw');
  const chart = (id: string): Html | null => {
    const found = CHARTS.find((candidate) => candidate.id === id);
    return found ? chartFigure(drawings.get(id) ?? null, found, page) : null;
  };
  const notes = [...thinningNotes(page, trials), ...new Set(shown.flatMap((record) => record.notes))];

  return html`${opening(card, lead)}
${navigation()}
<main>
${scorecardSection(card, html`${drawings.has('differences') ? chart('differences') : ''}`)}
<section id="load">${chart('overview')}${faultButtons(page)}${chart('heatmap')}${chart('imbalance')}</section>
<section id="latency">${chart('latency')}${chart('percentiles')}</section>
<section id="durability">${chart('durability')}</section>
<section id="moves">${chart('moves')}
${
  shown.every((record) => record.ledger.entries.length === 0)
    ? null
    : eachVariant(
        shown,
        page,
        'Every move, its cause, and whether it helped',
        (record) =>
          `${formatNumber(record.ledger.entries.length + record.ledger.omitted, 9)} moves, ${formatValue(record.figures['bytesMoved']?.value ?? null, 'bytes')}`,
        (record) => movesTable(record, Math.max(12, Math.floor(90 / shown.length))),
      )
}</section>
<section id="hotspots"><h2>What was hot, and which keys were behind it?</h2>
<p class="look">A node, partition or key whose load stayed above ${formatNumber(lead.scenario.hotspot.factor)} × its fair share. Look for the same name under every variant: that is the traffic’s doing; a name under one variant alone is the balancer’s.</p>
${eachVariant(shown, page, null, (record) => (record.hotspots.length === 0 ? 'none' : `${record.hotspots.length}, worst node ${worst(record)}`), hotspotTable)}</section>
<section id="phases"><h2>Before, during and after each fault</h2>
<p class="look">Look along a row: a balancer that suffers in one phase and not in the others has met the fault it can’t see.</p>
${phaseMatrix(shown, page)}
${eachVariant(shown, page, 'All figures by phase', () => '', phaseTable, false)}</section>
<section id="decisions"><h2>Why was it done?</h2>
<p class="look">What failure detector, repair and rebalancer decided, and what they turned down.</p>
${shown.every((record) => record.decisions.entries.length === 0) ? html`<p class="muted">No decision was recorded under any variant.</p>` : eachVariant(shown, page, null, (record) => `${formatNumber(record.decisions.entries.length + record.decisions.omitted, 9)} decisions`, decisionTable, false)}</section>
${replaySection(comparison, trials, lead)}
<section id="notes"><h2>Honest notes</h2><ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul></section>
</main>
<footer>Written by evenkeel ${comparison.environment.evenkeel}. Figures come from a simulation of the real store code in virtual time; they compare algorithms, they don’t predict your hardware.</footer>`;
}

function navigation(): Html {
  const links = [
    ['scorecard', 'Scorecard'],
    ['load', 'Load'],
    ['latency', 'Latency'],
    ['durability', 'Durability'],
    ['moves', 'Moves'],
    ['hotspots', 'Hotspots'],
    ['phases', 'Phases'],
    ['decisions', 'Decisions'],
    ['replay', 'Replay'],
    ['notes', 'Notes'],
  ] as const;
  return html`<nav aria-label="Page"><div><span class="links">${links.map(([id, label]) => html`<a href="#${id}">${label}</a>`)}</span>
<span class="zoom"><output aria-live="polite"></output><button type="button" data-act="undo" disabled title="Undo zoom (Esc)">Undo</button><button type="button" data-act="reset" disabled>All</button><button type="button" data-act="theme" aria-label="Dark or light">◐</button></span></div></nav>`;
}

/** Windows around the faults, for those who don't drag. */
function faultButtons(page: PageData): Html | null {
  const bands = page.variants[page.baseline]?.bands ?? [];
  if (bands.length === 0) return null;
  return html`<div class="switches faults" role="group" aria-label="Zoom to a fault"><div class="switch"><span>Zoom to</span>${bands
    .slice(0, 8)
    .map((band) => {
      const around = Math.max((band.end - band.start) * 0.4, page.time.width * 6);
      return html`<button type="button" data-act="window" data-from="${Math.max(0, band.start - around)}" data-to="${Math.min(page.time.end, band.end + around)}">${shorten(band.label, 36)}</button>`;
    })}</div></div>`;
}

/** A list for each variant, the baseline's open. Native disclosure: it works without scripts and by keyboard. */
function eachVariant(
  shown: readonly RunRecord[],
  page: PageData,
  title: string | null,
  summary: (record: RunRecord) => string,
  list: (record: RunRecord) => Html,
  open = true,
): Html {
  return html`${title === null ? null : html`<h3>${title}</h3>`}${shown.map((record, i) => {
    const text = [shorten(record.variant.name, 48), summary(record)].filter(Boolean).join(' · ');
    return i === page.baseline && open
      ? html`<details open><summary>${text}</summary>${list(record)}</details>`
      : html`<details><summary>${text}</summary>${list(record)}</details>`;
  })}`;
}

function worst(record: RunRecord): string {
  const nodes = record.hotspots.filter(({ subject }) => subject === 'node');
  return nodes.length === 0
    ? 'none'
    : `${formatNumber(Math.max(...nodes.map(({ peakFactor }) => peakFactor)))} × its share`;
}
