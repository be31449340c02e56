import { formatNumber, shorten } from '../compare/format.ts';
import type { Chart, Row } from './chart.ts';
import { AXIS_PX, bandRows, MARGIN_PX, middle, timeX } from './frame.ts';
import { type Gappy, IMBALANCE_METRICS, type ImbalanceMetric, type PageData } from './model.ts';
import { stripFrame, stripsSpec } from './strips.ts';

const NAMES: Readonly<Record<ImbalanceMetric, { label: string; optimum: number; says: string }>> = {
  peakToMean: {
    label: 'peak-to-mean',
    optimum: 1,
    says: 'requests of the busiest data node over the mean, in proportion to weight',
  },
  cov: { label: 'variation', optimum: 0, says: 'coefficient of variation of requests over data nodes' },
  jain: { label: 'Jain', optimum: 1, says: 'Jain’s fairness index of requests: 1 is even, 1/n is all on one node' },
  gini: { label: 'Gini', optimum: 0, says: 'Gini coefficient of requests: 0 is even' },
  storedPeakToMean: {
    label: 'stored bytes',
    optimum: 1,
    says: 'stored bytes of the fullest data node over the mean, in proportion to weight',
  },
};

/** Imbalance over time, beside what is possible (even) and what chance gives (random). */
export const imbalance: Chart = {
  id: 'imbalance',
  timed: true,
  marginPx: MARGIN_PX,
  absent: 'No load was measured on the data nodes, so there is no imbalance to show.',
  title: () => 'How evenly is the load spread?',
  look: (page, choice) => {
    const { says, optimum } = NAMES[choice.imbalance];
    const lines = [
      `the thin line at ${optimum} is the optimum`,
      ...(choice.imbalance === 'peakToMean'
        ? [
            'dashes are what a random choice of node would give',
            `dots are the hotspot factor ${formatNumber(page.hotspotFactor)}`,
          ]
        : []),
      ...(page.variants.length > 1 ? ['grey is the baseline'] : []),
      ...(topOf(page, choice.imbalance) < Number.POSITIVE_INFINITY ? ['▲ gives values above the axis'] : []),
    ];
    return `Shows ${says}. Look for how soon a line comes back to its level after a fault; ${lines.join(', ')}.`;
  },
  switches: () => [
    {
      name: 'imbalance',
      label: 'Measure',
      options: IMBALANCE_METRICS.map((metric) => ({ value: metric, label: NAMES[metric].label })),
    },
  ],
  drawable: (page) => page.variants.some((variant) => variant.imbalance.peakToMean.some((value) => value !== null)),
  table: {
    from: 'strips',
    columns: [
      { field: 'variant', label: 'variant' },
      { field: 't', label: 'time' },
      { field: 'value', label: 'value' },
      { field: 'random', label: 'random' },
    ],
  },
  spec: (page) =>
    stripsSpec(
      page,
      [
        {
          data: { name: 'references' },
          mark: {
            type: 'rule',
            strokeWidth: 1,
            stroke: { expr: "datum.kind === 'optimum' ? 'var(--muted)' : 'var(--bad)'" },
            strokeDash: { expr: "datum.kind === 'optimum' ? [1, 0] : [2, 3]" },
          },
          encoding: {
            y: {
              field: 'y',
              type: 'quantitative',
              scale: { type: 'sqrt', zero: false, nice: false, padding: 2 },
              axis: { title: null, tickCount: 3, minExtent: AXIS_PX, maxExtent: AXIS_PX, format: '.3~r' },
            },
          },
        },
        ...(['random', 'base'] as const).map((field) => ({
          transform: [{ filter: "datum.kind === 'point'" }],
          mark: {
            type: 'line' as const,
            clip: true,
            invalid: 'break-paths-show-domains' as const,
            stroke: 'var(--base)',
            strokeWidth: field === 'base' ? 1.2 : 1,
            strokeDash: field === 'base' ? [1, 0] : [4, 3],
          },
          encoding: { x: timeX(page, 't'), y: { field, type: 'quantitative' as const } },
        })),
        {
          transform: [{ filter: "datum.kind === 'point'" }],
          mark: {
            type: 'line',
            clip: true,
            invalid: 'break-paths-show-domains',
            stroke: 'var(--accent)',
            strokeWidth: 1.6,
          },
          encoding: { x: timeX(page, 't'), y: { field: 'drawn', type: 'quantitative' } },
        },
        {
          // Filtered and not clipped: a label outside the window would push the axes of the strips aside.
          transform: [{ filter: "datum.kind === 'over' && datum.t >= from && datum.t <= to" }],
          mark: {
            type: 'text',
            align: { expr: "datum.t > (from + to) / 2 ? 'right' : 'left'" },
            baseline: 'top',
            dy: 1,
            fontSize: 10,
            fill: 'var(--accent)',
          },
          encoding: {
            x: timeX(page, 't'),
            y: { field: 'drawn', type: 'quantitative' },
            text: { field: 'label', type: 'nominal' },
          },
        },
      ],
      { readout: "format(datum.value, '.3~g')", extra: { references: [] } },
    ),
  data: (page, choice) => {
    const metric = choice.imbalance;
    const base = page.variants[page.baseline];
    const top = topOf(page, metric);
    const points = page.variants.flatMap((variant, v) =>
      page.time.starts.map(
        (_, i): Row => ({
          kind: 'point',
          variant: variant.name,
          t: middle(page.time, i),
          value: variant.imbalance[metric][i] ?? null,
          drawn: below(variant.imbalance[metric][i], top),
          base: v === page.baseline ? null : below(base?.imbalance[metric][i], top),
          random: metric === 'peakToMean' ? below(variant.imbalance.random[i], top) : null,
        }),
      ),
    );
    const references: Row[] = [{ kind: 'optimum', y: NAMES[metric].optimum }];
    if (metric === 'peakToMean') references.push({ kind: 'hotspot', y: page.hotspotFactor });
    return {
      strips: [...points, ...spikes(page, metric, top), ...stripFrame(page, choice, (v) => caption(page, v, metric))],
      references,
      bands: bandRows(page.variants[0]?.bands ?? []),
    };
  },
};

/**
 * Where the axis ends: a bucket with a handful of requests can be ten times off, and would flatten all others. What is cut
 * off is named by {@link spikes}.
 */
function topOf(page: PageData, metric: ImbalanceMetric): number {
  const values = page.variants
    .flatMap((variant) => variant.imbalance[metric].filter((value) => value !== null))
    .sort((a, b) => a - b);
  const usual = values[Math.floor(0.98 * (values.length - 1))] ?? 0;
  const top = Math.max(usual * 1.2, metric === 'peakToMean' ? page.hotspotFactor * 1.1 : 0);
  return (values.at(-1) ?? 0) > top * 1.3 ? top : Number.POSITIVE_INFINITY;
}

function below(value: number | null | undefined, top: number): number | null {
  return value === null || value === undefined ? null : Math.min(value, top);
}

/** The highest value of each run of bins above the axis' end. */
function spikes(page: PageData, metric: ImbalanceMetric, top: number): Row[] {
  return page.variants.flatMap((variant) => {
    const values = variant.imbalance[metric].map((value) => value ?? 0);
    const rows: Row[] = [];
    for (let i = 0; i < values.length; i++) {
      if ((values[i] ?? 0) <= top) continue;
      let peak = i;
      while (i + 1 < values.length && (values[i + 1] ?? 0) > top) {
        i += 1;
        if ((values[i] ?? 0) > (values[peak] ?? 0)) peak = i;
      }
      rows.push({
        kind: 'over',
        variant: variant.name,
        t: middle(page.time, peak),
        drawn: top,
        peak: values[peak] ?? 0,
        label: `▲${formatNumber(values[peak] ?? 0)}`,
      });
    }
    // The worst few; the table behind the chart has all.
    return rows.sort((a, b) => Number(b['peak']) - Number(a['peak'])).slice(0, 3);
  });
}

function caption(page: PageData, v: number, metric: ImbalanceMetric): string {
  const variant = page.variants[v];
  const mean = meanOf(variant?.imbalance[metric] ?? []);
  const role = v === page.baseline && page.variants.length > 1 ? ', baseline' : '';
  return `${shorten(variant?.name ?? '', 32)}${role}  ·  mean ${mean === null ? 'no sample' : formatNumber(mean)}`;
}

function meanOf(values: Gappy): number | null {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? null : present.reduce((sum, value) => sum + value, 0) / present.length;
}
