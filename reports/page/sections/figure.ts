import type { Chart } from '../../charts/chart.ts';
import { STATIC_WIDTH_PX } from '../../charts/frame.ts';
import { HEAT_STEPS } from '../../charts/heatmap.ts';
import { defaultChoice, type PageData } from '../../charts/model.ts';
import { shorten } from '../../compare/format.ts';
import type { Drawing } from '../draw.ts';
import { type Html, html, raw } from '../html.ts';

/** One chart: its question, what to look for, its switches, its picture, and the table behind it. */
export function chartFigure(drawing: Drawing | null, chart: Chart, page: PageData): Html {
  const choice = defaultChoice(page, STATIC_WIDTH_PX);
  if (drawing === null)
    return html`<figure id="chart-${chart.id}"><h2>${chart.title(page, choice)}</h2><p class="look">${chart.absent}</p></figure>`;
  const switches = chart.switches(page);
  return html`<figure id="chart-${chart.id}" data-chart="${chart.id}">
<h2 class="title">${chart.title(page, choice)}</h2>
<p class="look">${chart.look(page, choice)}</p>
${
  switches.length > 0
    ? html`<div class="switches">${switches.map(
        (group) =>
          html`<div class="switch" role="group" aria-label="${group.label}"><span>${group.label}</span>${group.options.map(
            ({ value, label }) =>
              html`<button type="button" data-switch="${group.name}" data-value="${value}" aria-pressed="${String(choice[group.name]) === value ? 'true' : 'false'}">${shorten(label, 32)}</button>`,
          )}</div>`,
      )}</div>`
    : null
}
<div class="plot${chart.timed ? ' timed' : ''}">${raw(drawing.svg)}</div>
${chart.id === 'heatmap' ? heatLegend() : null}
<details class="behind"><summary>Table behind the chart</summary><div class="scroll" tabindex="0"></div></details>
</figure>`;
}

function heatLegend(): Html {
  const steps = Array.from(
    { length: HEAT_STEPS },
    (_, i) => html`<rect x="${i * 16}" width="16" height="10" fill="var(--h${i})"/>`,
  );
  const state = (name: string): Html =>
    html`<span class="ramp"><svg width="22" height="10" aria-hidden="true"><rect width="22" height="10" fill="url(#state-${name})" stroke="var(--state)"/></svg>${name}</span>`;
  return html`<div class="legend"><span class="ramp"><span class="heat-low">0</span><svg width="${HEAT_STEPS * 16}" height="10" aria-hidden="true">${steps}</svg><span class="heat-high">1</span></span>${state('down')}${state('draining')}${state('paused')}<span class="ramp"><svg width="22" height="10" aria-hidden="true"><rect x="0.75" y="0.75" width="20.5" height="8.5" fill="none" stroke="var(--ink)" stroke-width="1.5"/></svg>hotspot</span></div>
<p class="readout" aria-live="off"></p>`;
}

/** Hatchings that the heatmap fills nodes with that are not up; once a page. */
export const PATTERNS = raw(`<svg width="0" height="0" aria-hidden="true" class="patterns"><defs>
<pattern id="state-down" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--page)"/><rect width="2.4" height="6" fill="var(--state)"/></pattern>
<pattern id="state-draining" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="1.6" y="3" fill="var(--state)"/></pattern>
<pattern id="state-paused" width="6" height="6" patternUnits="userSpaceOnUse"><circle cx="3" cy="3" r="1.5" fill="var(--state)"/></pattern>
</defs></svg>`);
