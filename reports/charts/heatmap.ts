import { formatBytes, formatNumber } from '../compare/format.ts';
import type { Chart, Row } from './chart.ts';
import { variantSwitch } from './chart.ts';
import { AXIS_PX, bandLabelLayers, bandLabels, config, hoverLayer, MARGIN_PX, timeParameters, timeX } from './frame.ts';
import { type Choice, HEAT_METRICS, type HeatMetric, type HeatRows, type PageData } from './model.ts';

/** Steps of colour. Few enough to be told apart, so that a row is a few runs of equal colour and not hundreds of cells. */
export const HEAT_STEPS = 9;

const LABELS: Readonly<Record<HeatMetric, string>> = {
  utilisation: 'utilisation',
  queue: 'queue',
  requests: 'requests',
  bytes: 'bytes',
};
const UNITS: Readonly<Record<HeatMetric, string>> = {
  utilisation: 'busy share of the busier of CPU and disk',
  queue: 'requests waiting or in service, mean',
  requests: 'requests per second',
  bytes: 'wire bytes per second, in and out',
};
const STATE_FILL: Readonly<Record<string, string>> = {
  down: 'url(#state-down)',
  paused: 'url(#state-paused)',
  draining: 'url(#state-draining)',
  absent: 'var(--page)',
  left: 'var(--page)',
};

/** Load of every node over time, the picture that shows where a hotspot sits and what a fault does to its neighbours. */
export const heatmap: Chart = {
  id: 'heatmap',
  timed: true,
  marginPx: MARGIN_PX,
  absent: 'The records hold no loads of nodes.',
  title: (_page, choice) => `Which node is hot, and when? (${LABELS[choice.heat]})`,
  look: (_page, choice) =>
    `Look for a row that stands out from its neighbours for long, and for what the neighbours of a dying node get. Colour: ${UNITS[choice.heat]}.`,
  switches: (page) => [
    ...variantSwitch(page),
    { name: 'heat', label: 'Load', options: HEAT_METRICS.map((metric) => ({ value: metric, label: LABELS[metric] })) },
    ...(page.roles.length > 1
      ? [{ name: 'role' as const, label: 'Nodes', options: page.roles.map((role) => ({ value: role, label: role })) }]
      : []),
  ],
  drawable: (page) => page.roles.length > 0,
  table: {
    from: 'cells',
    columns: [
      { field: 'node', label: 'node' },
      { field: 'from', label: 'from' },
      { field: 'to', label: 'to' },
      { field: 'value', label: 'mean load' },
    ],
  },
  spec: (page) => ({
    config,
    width: 600,
    height: { step: rowHeight(page) },
    params: timeParameters(page),
    datasets: { nodes: [], cells: [], states: [], episodes: [], bandLabels: [], bands: [] },
    layer: [
      {
        data: { name: 'nodes' },
        mark: {
          type: 'rule',
          stroke: 'var(--grid)',
          strokeDash: [1, 3],
          opacity: { expr: "slice(datum.node, 0, 1) === '\u2002' ? 0 : 1" },
        },
        encoding: {
          y: {
            field: 'node',
            type: 'nominal',
            sort: null,
            scale: { paddingInner: 0.1, paddingOuter: 0 },
            axis: {
              title: null,
              grid: false,
              minExtent: AXIS_PX,
              maxExtent: AXIS_PX,
              labelLimit: 68,
              labelOverlap: rowHeight(page) < 10 ? 'greedy' : false,
              labelFontSize: rowHeight(page) < 12 ? 9 : 10.5,
              labelColor: {
                condition: { test: "slice(datum.value, 0, 1) === '\u2002'", value: 'var(--ink)' },
                value: 'var(--muted)',
              },
              labelFontWeight: { condition: { test: "slice(datum.value, 0, 1) === '\u2002'", value: 600 }, value: 400 },
            },
          },
        },
      },
      {
        data: { name: 'cells' },
        mark: { type: 'rect', clip: true },
        encoding: {
          x: timeX(page, 'from'),
          x2: { field: 'to' },
          y: { field: 'node', type: 'nominal', sort: null },
          fill: {
            field: 'level',
            type: 'ordinal',
            legend: null,
            scale: {
              domain: Array.from({ length: HEAT_STEPS }, (_, i) => i),
              range: Array.from({ length: HEAT_STEPS }, (_, i) => `var(--h${i})`),
            },
          },
        },
      },
      {
        data: { name: 'states' },
        mark: {
          type: 'rect',
          clip: true,
          fill: { expr: 'datum.fill' },
          stroke: { expr: 'datum.stroke' },
          strokeWidth: 1,
        },
        encoding: { x: timeX(page, 'from'), x2: { field: 'to' }, y: { field: 'node', type: 'nominal', sort: null } },
      },
      {
        data: { name: 'episodes' },
        mark: { type: 'rect', clip: true, fill: 'none', stroke: 'var(--ink)', strokeWidth: 1.5 },
        encoding: { x: timeX(page, 'from'), x2: { field: 'to' }, y: { field: 'node', type: 'nominal', sort: null } },
      },
      {
        data: { name: 'bands' },
        mark: { type: 'rule', stroke: 'var(--fault)', strokeDash: [3, 2], clip: true },
        encoding: { x: timeX(page, 'edge') },
      },
      hoverLayer,
      ...bandLabelLayers(page),
    ],
  }),
  data: (page, choice) => {
    const variant = page.variants[choice.variant];
    const heat = variant?.heat[choice.role];
    if (variant === undefined || heat === undefined)
      return { nodes: [], cells: [], states: [], episodes: [], bandLabels: [], bands: [] };
    const steps = heatSteps(page, choice.role, choice.heat);
    const names = heat.rows.map((row) => row.id);
    return {
      nodes: withZones(heat),
      cells: runs(heat, choice.heat, steps),
      states: heat.states.map(({ row, from, to, state }) => ({
        node: names[row] ?? '',
        from: heat.starts[from] ?? 0,
        to: (heat.starts[to - 1] ?? 0) + heat.width,
        state,
        fill: STATE_FILL[state] ?? 'none',
        stroke: state === 'down' || state === 'draining' || state === 'paused' ? 'var(--state)' : 'none',
      })),
      episodes: variant.hotNodes
        .filter(({ id }) => names.includes(id))
        .map(({ id, start, end, factor }) => ({ node: id, from: start, to: end, factor })),
      bands: variant.bands.flatMap(({ start, end }) => [
        { edge: start },
        ...(end < page.time.end ? [{ edge: end }] : []),
      ]),
      bandLabels: bandLabels(variant.bands, choice),
    };
  },
};

/** Height of a row, px, by the most rows any variant or role has. */
function rowHeight(page: PageData): number {
  const most = Math.max(
    1,
    ...page.variants.flatMap((variant) => page.roles.map((role) => withZones(variant.heat[role]).length)),
  );
  return most <= 20 ? 19 : most <= 40 ? 13 : 9;
}

/** One row a node, with a heading row before each zone where there is more than one. An en space marks a heading. */
function withZones(heat: HeatRows | undefined): Row[] {
  const rows = heat?.rows ?? [];
  const several = new Set(rows.map((row) => row.zone)).size > 1;
  return rows.flatMap((row, i) =>
    several && row.zone !== rows[i - 1]?.zone ? [{ node: `\u2002${row.zone}` }, { node: row.id }] : [{ node: row.id }],
  );
}

/** Upper ends of the colour steps: a busy share from 0 to 1, queues by doubling, the others up to the highest of any variant. */
export function heatSteps(page: PageData, role: string, metric: HeatMetric): number[] {
  const steps = Array.from({ length: HEAT_STEPS }, (_, i) => i + 1);
  if (metric === 'utilisation') return steps.map((step) => step / HEAT_STEPS);
  let most = 0;
  for (const variant of page.variants)
    for (const row of variant.heat[role]?.metrics[metric] ?? []) for (const value of row) most = Math.max(most, value);
  if (most === 0) return steps;
  if (metric !== 'queue' || most <= 1) return steps.map((step) => (most * step) / HEAT_STEPS);
  const growth = Math.log(2 * most) / (HEAT_STEPS - 1);
  return steps.map((step) => 0.5 * Math.exp(growth * (step - 1)));
}

/** The ends of the colour scale as text. */
export function heatScale(page: PageData, choice: Choice): { low: string; high: string } {
  const highest = heatSteps(page, choice.role, choice.heat).at(-1) ?? 1;
  const print: Readonly<Record<HeatMetric, string>> = {
    utilisation: '1',
    queue: `over ${formatNumber(heatSteps(page, choice.role, choice.heat).at(-2) ?? 0, 2)}`,
    requests: `${formatNumber(highest)}/s`,
    bytes: `${formatBytes(highest)}/s`,
  };
  return { low: '0', high: print[choice.heat] };
}

/** The loads of one node at one instant, in words; null where there is no such row or bin. */
export function heatReadout(page: PageData, choice: Choice, node: string, time: number): string | null {
  const heat = page.variants[choice.variant]?.heat[choice.role];
  const row = heat?.rows.findIndex(({ id }) => id === node) ?? -1;
  if (heat === undefined || row < 0) return null;
  const bin = Math.min(heat.starts.length - 1, Math.floor(time / heat.width));
  const state = heat.states.find((span) => span.row === row && bin >= span.from && bin < span.to)?.state;
  const read = (metric: HeatMetric): number => heat.metrics[metric][row]?.[bin] ?? 0;
  return `${node} (${heat.rows[row]?.zone ?? ''})${state ? `, ${state}` : ''}: utilisation ${formatNumber(read('utilisation'), 2)}, queue ${formatNumber(read('queue'))}, ${formatNumber(read('requests'))} requests/s, ${formatBytes(read('bytes'))}/s`;
}

/** Index of the colour step a value falls into. */
export function heatLevel(value: number, steps: readonly number[]): number {
  const level = steps.findIndex((upper) => value <= upper);
  return level < 0 ? steps.length - 1 : level;
}

/** Neighbouring bins of one colour as one rectangle; `value` is their mean. */
function runs(heat: HeatRows, metric: HeatMetric, steps: readonly number[]): Row[] {
  return heat.metrics[metric].flatMap((values, row) => {
    const node = heat.rows[row]?.id ?? '';
    const gone = heat.states.filter((span) => span.row === row && span.state !== 'draining' && span.state !== 'paused');
    const out: Row[] = [];
    for (let i = 0; i < values.length; ) {
      const inside = gone.find((span) => i >= span.from && i < span.to);
      if (inside) {
        i = inside.to;
        continue;
      }
      const level = heatLevel(values[i] ?? 0, steps);
      let end = i;
      let sum = 0;
      while (
        end < values.length &&
        heatLevel(values[end] ?? 0, steps) === level &&
        !gone.some((span) => span.from === end)
      ) {
        sum += values[end] ?? 0;
        end += 1;
      }
      out.push({
        node,
        from: heat.starts[i] ?? 0,
        to: (heat.starts[end - 1] ?? 0) + heat.width,
        level,
        value: Number((sum / (end - i)).toPrecision(4)),
      });
      i = end;
    }
    return out;
  });
}
