import { shorten } from '../compare/format.ts';
import { type Chart, operationSwitch, type Row } from './chart.ts';
import { AXIS_PX, config, FINE_LOG_TICKS, variantColour } from './frame.ts';
import type { Choice, PageData } from './model.ts';

const HEIGHT_PX = 300;
const LABEL_STEP_PX = 14;
/** Room for the names at the ends of the lines. */
const LABELS_PX = 118;

/** Latency by percentile on an axis of nines, where the tail has as much room as the middle (after Tene's HDR plots). */
export const latencyByPercentile: Chart = {
  id: 'percentiles',
  timed: false,
  marginPx: AXIS_PX + LABELS_PX,
  absent: 'No request was answered, so there are no percentiles to show.',
  title: (_page, choice) => `Who waits longest, and how many are they? (${choice.operation})`,
  look: (page) =>
    `Each step to the right is one nine: a tenth as many requests. Look for where lines part; a steep end means that a few requests wait very long.${page.seeds > 1 ? ` Mean over ${page.seeds} seeds, after warm-up.` : ''}`,
  switches: operationSwitch,
  drawable: (page) => page.variants.some((variant) => Object.values(variant.quantiles).some((list) => list.length > 0)),
  table: {
    from: 'quantiles',
    columns: [
      { field: 'variant', label: 'variant' },
      { field: 'quantile', label: 'quantile' },
      { field: 'ms', label: 'latency, ms' },
    ],
  },
  spec: (page) => ({
    config: { ...config, padding: { left: 0, right: 4, top: 6, bottom: 2 } },
    width: 600,
    height: HEIGHT_PX,
    datasets: { quantiles: [], ends: [] },
    layer: [
      {
        data: { name: 'quantiles' },
        mark: {
          type: 'line',
          strokeWidth: 1.8,
          interpolate: 'monotone',
          strokeDash: { expr: 'datum.dash ? [5, 3] : [1, 0]' },
        },
        encoding: {
          x: {
            field: 'nines',
            type: 'quantitative',
            scale: { nice: false },
            axis: {
              title: null,
              values: [0, 1, 2, 3, 4, 5],
              grid: true,
              labelExpr: "['0 %','90 %','99 %','99.9 %','99.99 %','99.999 %'][datum.value]",
              labelFlush: true,
            },
          },
          y: {
            field: 'ms',
            type: 'quantitative',
            scale: { type: 'log', nice: false },
            axis: {
              title: null,
              values: FINE_LOG_TICKS,
              minExtent: AXIS_PX,
              maxExtent: AXIS_PX,
              labelExpr:
                "datum.value >= 1000 ? format(datum.value / 1000, '.3~r') + ' s' : format(datum.value, '.3~r') + ' ms'",
              labelOverlap: 'greedy',
            },
          },
          stroke: {
            field: 'order',
            type: 'ordinal',
            legend: null,
            scale: { domain: page.variants.map((_, i) => i), range: page.variants.map((_, i) => variantColour(i)) },
          },
        },
      },
      {
        data: { name: 'ends' },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          x: 'width',
          dx: 8,
          y: { expr: 'datum.yPx' },
          fontWeight: 500,
          fill: { expr: 'datum.colour' },
        },
        encoding: { text: { field: 'label', type: 'nominal' } },
      },
    ],
  }),
  data: (page, choice) => ({ quantiles: quantileRows(page, choice), ends: endLabels(page, choice) }),
};

function quantileRows(page: PageData, choice: Choice): Row[] {
  return page.variants.flatMap((variant, order) =>
    (variant.quantiles[choice.operation] ?? []).map(([quantile, ms]) => ({
      variant: variant.name,
      order,
      dash: order >= 8 ? 1 : 0,
      quantile,
      nines: Number((-Math.log10(Math.max(1 - quantile, 1e-6))).toFixed(4)),
      ms: Math.max(ms, 0.01),
    })),
  );
}

/** Names at the ends of the lines, pushed apart where they would overlap. */
function endLabels(page: PageData, choice: Choice): Row[] {
  const values = page.variants.flatMap((variant) =>
    (variant.quantiles[choice.operation] ?? []).map(([, ms]) => Math.max(ms, 0.01)),
  );
  const low = Math.log(Math.min(...values));
  const span = Math.max(1e-9, Math.log(Math.max(...values)) - low);
  const labels = page.variants
    .flatMap((variant, i) => {
      const last = variant.quantiles[choice.operation]?.at(-1);
      return last
        ? [
            {
              i,
              label: shorten(variant.name, choice.widthPx < 400 ? 12 : 18),
              y: HEIGHT_PX * (1 - (Math.log(Math.max(last[1], 0.01)) - low) / span),
            },
          ]
        : [];
    })
    .sort((a, b) => a.y - b.y || a.i - b.i);
  let previous = Number.NEGATIVE_INFINITY;
  const placed = labels.map((entry) => {
    previous = Math.max(entry.y, previous + LABEL_STEP_PX);
    return { ...entry, y: previous };
  });
  const overshoot = Math.max(0, previous - HEIGHT_PX);
  return placed.map(({ i, label, y }) => ({ label, yPx: y - overshoot, colour: variantColour(i) }));
}
