import type { Config } from 'vega-lite';
import type { Field, PositionDef } from 'vega-lite/types_unstable/channeldef.js';
import type { LayerSpec, UnitSpec } from 'vega-lite/types_unstable/spec/index.js';
import type { TopLevelParameter } from 'vega-lite/types_unstable/spec/toplevel.js';
import type { Row } from './chart.ts';
import type { Band, Choice, PageData, TimeAxis } from './model.ts';

/**
 * What all charts share: colours (as CSS custom properties, so that one picture serves dark and light), axes of equal extent
 * (so that the time axes of separate charts stand exactly below each other), the time window, fault bands and the hover rule.
 */

export type Layer = LayerSpec<Field> | UnitSpec<Field>;

/** Width of the static pictures, in px: the text column of the page at its widest. */
export const STATIC_WIDTH_PX = 1024;
/** Room for the y axis, in px; equal in every chart. */
export const AXIS_PX = 74;
/** Room right of the plot, in px. */
export const RIGHT_PX = 18;
/** What a chart with that axis and that room leaves for its plotting area. */
export const MARGIN_PX = AXIS_PX + RIGHT_PX + 2;

const FONT = 'system-ui, sans-serif';

export const config: Config = {
  background: 'transparent',
  font: FONT,
  aria: false,
  padding: { left: 0, right: RIGHT_PX, top: 4, bottom: 2 },
  view: { stroke: null },
  axis: {
    domain: false,
    ticks: false,
    grid: true,
    gridColor: 'var(--grid)',
    gridWidth: 1,
    labelColor: 'var(--muted)',
    labelFontSize: 11,
    labelPadding: 6,
    titleColor: 'var(--muted)',
    titleFontWeight: 400,
    titleFontSize: 11,
  },
  text: { font: FONT, fontSize: 11, fill: 'var(--ink)' },
  facet: { spacing: 26 },
};

/** Signals that the page sets: the window of time and the instant under the pointer. */
export function timeParameters(page: PageData): TopLevelParameter[] {
  return [
    { name: 'from', value: 0 },
    { name: 'to', value: page.time.end },
    { name: 'hover', value: -1 },
  ];
}

/** Encodes virtual time on x; `windowed` follows the reader's zoom. */
export function timeX(page: PageData, field: string, windowed = true): PositionDef<Field> {
  const { unit } = page.time;
  return {
    field,
    type: 'quantitative',
    scale: { domain: windowed ? [{ expr: 'from' }, { expr: 'to' }] : [0, page.time.end], nice: false, zero: false },
    axis: {
      title: null,
      grid: false,
      labelExpr: `datum.label + ' ${unit}'`,
      labelOverlap: 'greedy',
      labelSeparation: 16,
      labelFlush: true,
    },
  };
}

/** Shading of fault windows; the data set `bands` holds them. */
export function bandLayer(page: PageData, windowed = true): Layer {
  return {
    data: { name: 'bands' },
    mark: { type: 'rect', fill: 'var(--band)', clip: true },
    encoding: { x: timeX(page, 'start', windowed), x2: { field: 'end' } },
  };
}

/** Names of fault windows above the plot, in lanes. Rows come from {@link bandLabels}. */
export function bandLabelLayers(page: PageData, windowed = true, filter?: string, abovePx = 5): Layer[] {
  const source = filter === undefined ? { data: { name: 'bandLabels' } } : { transform: [{ filter }] };
  const y = { expr: `-${abovePx} - 13 * datum.lane` };
  return [
    {
      ...source,
      mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 1, y, fill: 'var(--fault)', fontSize: 10.5 },
      encoding: { x: timeX(page, 'x', windowed), text: { field: 'label', type: 'nominal' } },
    },
  ];
}

/** The instant under the pointer, in every chart at once. */
export const hoverLayer: Layer = {
  data: { values: [{}] },
  mark: {
    type: 'rule',
    stroke: 'var(--ink)',
    strokeWidth: 1,
    clip: true,
    opacity: { expr: 'hover < from || hover > to ? 0 : 0.7' },
  },
  encoding: { x: { datum: { expr: 'max(hover, from)' }, type: 'quantitative' } },
};

/** Rows for {@link bandLayer}. */
export function bandRows(bands: readonly Band[]): Row[] {
  return bands.map(({ start, end, label }) => ({ start, end, label }));
}

const CHARACTER_PX = 5.6;
const LANES = 4;

/** Rows for {@link bandLabelLayers}: one a fault in the window, each in the first lane where it fits; the rest is counted. */
export function bandLabels(bands: readonly Band[], choice: Choice): Row[] {
  const span = choice.to - choice.from;
  const perPx = span / Math.max(1, choice.widthPx);
  const ends: number[] = [];
  const rows: Row[] = [];
  let hidden = 0;
  for (const band of bands) {
    if (band.end <= choice.from || band.start >= choice.to) continue;
    const limit = Math.max(8, Math.floor(choice.widthPx / CHARACTER_PX / 1.5));
    const label = band.label.length > limit ? `${band.label.slice(0, limit - 1)}…` : band.label;
    const width = label.length * CHARACTER_PX * perPx;
    const x = Math.max(choice.from, Math.min(Math.max(band.start, choice.from), choice.to - width));
    const lane = [0, 1, 2, 3].find((candidate) => (ends[candidate] ?? Number.NEGATIVE_INFINITY) <= x);
    if (lane === undefined || lane >= LANES) {
      hidden += 1;
      continue;
    }
    ends[lane] = x + width + 8 * perPx;
    rows.push({ x, label, lane });
  }
  if (hidden > 0) rows.push({ x: choice.from, label: `and ${hidden} more faults in this window`, lane: LANES });
  return rows;
}

/** Ticks for a logarithmic axis of ms with little room: two a decade. Those outside the data are not drawn. */
export const COARSE_LOG_TICKS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6];
/** The same with three a decade. */
export const FINE_LOG_TICKS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6,
];

/** Middle of bin `i`. */
export function middle(time: TimeAxis, i: number): number {
  return (time.starts[i] ?? 0) + time.width / 2;
}

/** Height of one of `count` small multiples, px. */
export function stripHeight(count: number): number {
  return count <= 1 ? 170 : count <= 3 ? 104 : count <= 6 ? 72 : 54;
}

/** Colour of the i-th variant: Okabe and Ito's palette, told apart under every common colour blindness, as CSS properties. */
export function variantColour(i: number): string {
  return `var(--v${i % 8})`;
}
