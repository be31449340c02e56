import type { Chart } from './chart.ts';
import { variantSwitch } from './chart.ts';
import {
  AXIS_PX,
  bandLabelLayers,
  bandLabels,
  bandLayer,
  bandRows,
  config,
  hoverLayer,
  MARGIN_PX,
  timeParameters,
  timeX,
} from './frame.ts';

/** The whole run at a glance; its window is what all other time charts show. */
export const overview: Chart = {
  id: 'overview',
  timed: true,
  marginPx: MARGIN_PX,
  absent: 'The run holds no requests.',
  title: () => 'What happened, and when?',
  look: (page) =>
    `Look for dips in the answered rate and for failures (red) at the edges of the named faults. Drag across any time chart to zoom all of them.${page.seeds > 1 ? ` Charts over time show seed ${page.seed}, the median one of ${page.seeds}.` : ''}`,
  switches: variantSwitch,
  drawable: (page) => page.variants.some((variant) => variant.operations['all'] !== undefined),
  table: {
    from: 'rate',
    columns: [
      { field: 't', label: 'time' },
      { field: 'answered', label: 'answered/s' },
      { field: 'failed', label: 'failed or unknown/s' },
    ],
  },
  spec: (page) => ({
    config,
    width: 600,
    height: 96,
    params: timeParameters(page),
    datasets: { rate: [], bands: [], bandLabels: [] },
    layer: [
      bandLayer(page, false),
      {
        data: { name: 'rate' },
        mark: { type: 'area', fill: 'var(--quiet)', interpolate: 'step', clip: true },
        encoding: {
          x: timeX(page, 't', false),
          y: {
            field: 'answered',
            type: 'quantitative',
            axis: {
              title: null,
              tickCount: 3,
              format: '~s',
              labelExpr: "datum.label + '/s'",
              minExtent: AXIS_PX,
              maxExtent: AXIS_PX,
            },
          },
        },
      },
      {
        data: { name: 'rate' },
        mark: { type: 'area', fill: 'var(--bad)', interpolate: 'step', clip: true },
        encoding: { x: timeX(page, 't', false), y: { field: 'failed', type: 'quantitative' } },
      },
      {
        data: { values: [{}] },
        mark: {
          type: 'rect',
          fill: 'none',
          stroke: 'var(--ink)',
          strokeWidth: 1.5,
          opacity: { expr: `from > 0 || to < ${page.time.end} ? 1 : 0` },
        },
        encoding: { x: { datum: { expr: 'from' }, type: 'quantitative' }, x2: { datum: { expr: 'to' } } },
      },
      hoverLayer,
      ...bandLabelLayers(page, false),
    ],
  }),
  data: (page, choice) => {
    const variant = page.variants[choice.variant];
    const series = variant?.operations['all'];
    const bands = variant?.bands ?? [];
    return {
      // The last step is repeated at the end, so that its bin has a width too.
      rate: [...page.time.starts, page.time.end].map((start, at, all) => {
        const i = Math.min(at, all.length - 2);
        const failed = series?.failed[i] ?? 0;
        return { t: start, answered: Math.max(0, (series?.requests[i] ?? 0) - failed), failed };
      }),
      bands: bandRows(bands),
      bandLabels: bandLabels(bands, { ...choice, from: 0, to: page.time.end }),
    };
  },
};
