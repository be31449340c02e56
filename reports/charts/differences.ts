import { shorten } from '../compare/format.ts';
import type { Chart } from './chart.ts';
import { config, RIGHT_PX } from './frame.ts';

/** Room for the names of variants. */
const NAMES_PX = 120;
const RATIO_TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 2, 3, 5, 10, 20, 50, 100];

/** Headline figures as ratios to the baseline, with their intervals: what is real and what may be chance. */
export const differences: Chart = {
  id: 'differences',
  timed: false,
  marginPx: NAMES_PX + RIGHT_PX + 2,
  absent: 'There is nothing to compare: one variant ran, or one seed.',
  title: () => 'Which differences are real?',
  look: (page) =>
    `Each dot is a variant’s figure over that of ${shorten(page.variants[page.baseline]?.name ?? 'the baseline')}, with its 95 % interval over ${page.seeds} seeds. Only an interval that leaves the line at 1 alone is a difference; green is better, red worse, grey may be chance.`,
  switches: () => [],
  drawable: (page) => page.differences.length > 0,
  table: {
    from: 'ratios',
    columns: [
      { field: 'figure', label: 'figure' },
      { field: 'variant', label: 'variant' },
      { field: 'ratio', label: 'ratio' },
      { field: 'low', label: 'low' },
      { field: 'high', label: 'high' },
      { field: 'judgement', label: 'judgement' },
    ],
  },
  spec: (page) => {
    const figures = [...new Set(page.differences.map((row) => row.figure))];
    const y = {
      field: 'variant',
      type: 'nominal',
      sort: page.variants.map(({ name }) => name),
      scale: { padding: 0.4 },
      axis: { title: null, grid: false, minExtent: NAMES_PX, maxExtent: NAMES_PX, labelLimit: NAMES_PX - 8 },
    } as const;
    const fill = {
      expr: "datum.judgement === 'better' ? 'var(--good)' : datum.judgement === 'worse' ? 'var(--bad)' : 'var(--base)'",
    };
    return {
      config,
      datasets: { ratios: [] },
      data: { name: 'ratios' },
      facet: {
        row: {
          field: 'figure',
          type: 'nominal',
          sort: figures,
          header: {
            title: null,
            labelOrient: 'top',
            labelAnchor: 'start',
            labelFontWeight: 600,
            labelColor: 'var(--ink)',
            labelFontSize: 12,
            labelPadding: 2,
          },
        },
      },
      resolve: { scale: { y: 'independent' } },
      spec: {
        width: 600,
        height: { step: 19 },
        layer: [
          {
            data: { values: [{}] },
            mark: { type: 'rule', stroke: 'var(--ink)', strokeWidth: 1 },
            encoding: { x: { datum: 1, type: 'quantitative' } },
          },
          {
            mark: { type: 'rule', strokeWidth: 2, stroke: fill },
            encoding: {
              x: {
                field: 'low',
                type: 'quantitative',
                scale: { type: 'log', nice: false, padding: 12 },
                axis: {
                  title: null,
                  grid: true,
                  values: RATIO_TICKS,
                  labelExpr: "format(datum.value, '.3~r') + ' ×'",
                  labelOverlap: 'greedy',
                },
              },
              x2: { field: 'high' },
              y,
            },
          },
          {
            mark: { type: 'circle', size: 46, opacity: 1, fill },
            encoding: { x: { field: 'ratio', type: 'quantitative' }, y },
          },
        ],
      },
    };
  },
  data: (page) => ({ ratios: page.differences.map((row) => ({ ...row })) }),
};
