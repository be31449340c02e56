import { formatMs, shorten } from '../compare/format.ts';
import { type Chart, operationSwitch, type Row } from './chart.ts';
import { AXIS_PX, bandRows, COARSE_LOG_TICKS, MARGIN_PX, middle, timeX } from './frame.ts';
import { stripFrame, stripsSpec } from './strips.ts';

/** Median and 99th percentile over time, one strip a variant. */
export const latencyOverTime: Chart = {
  id: 'latency',
  timed: true,
  marginPx: MARGIN_PX,
  absent: 'No request was answered, so there is no latency to show.',
  title: (_page, choice) => `How long do requests wait while things break? (${choice.operation})`,
  look: (page, choice) => {
    const limit = page.p99Limits[choice.operation];
    return `The upper line is p99, the lower edge of the shade is p50, on a logarithmic axis. Look for p99 leaving p50 behind: some requests queue at one node while most don’t${page.variants.length > 1 ? '; grey is the baseline’s p99' : ''}${limit === undefined ? '' : `; dots are the objective, ${formatMs(limit)}`}.`;
  },
  switches: operationSwitch,
  drawable: (page) =>
    page.variants.some((variant) =>
      Object.values(variant.operations).some((series) => series.p99.some((value) => value !== null)),
    ),
  table: {
    from: 'strips',
    columns: [
      { field: 'variant', label: 'variant' },
      { field: 't', label: 'time' },
      { field: 'p50', label: 'p50, ms' },
      { field: 'p99', label: 'p99, ms' },
    ],
  },
  spec: (page) => {
    const y = {
      field: 'p99',
      type: 'quantitative',
      scale: { type: 'log', nice: false },
      axis: {
        title: null,
        values: COARSE_LOG_TICKS,
        minExtent: AXIS_PX,
        maxExtent: AXIS_PX,
        labelExpr:
          "datum.value >= 1000 ? format(datum.value / 1000, '.3~r') + ' s' : format(datum.value, '.3~r') + ' ms'",
        labelOverlap: 'greedy',
      },
    } as const;
    const points = [{ filter: "datum.kind === 'point'" }];
    return stripsSpec(
      page,
      [
        {
          data: { name: 'references' },
          mark: { type: 'rule', stroke: 'var(--bad)', strokeDash: [2, 3] },
          encoding: { y: { ...y, field: 'y' } },
        },
        {
          transform: points,
          mark: { type: 'area', clip: true, fill: 'var(--accent)', opacity: 0.16, invalid: 'break-paths-show-domains' },
          encoding: { x: timeX(page, 't'), y, y2: { field: 'p50' } },
        },
        {
          transform: points,
          mark: {
            type: 'line',
            clip: true,
            stroke: 'var(--base)',
            strokeWidth: 1.2,
            invalid: 'break-paths-show-domains',
          },
          encoding: { x: timeX(page, 't'), y: { ...y, field: 'base' } },
        },
        {
          transform: points,
          mark: {
            type: 'line',
            clip: true,
            stroke: 'var(--accent)',
            strokeWidth: 1.6,
            invalid: 'break-paths-show-domains',
          },
          encoding: { x: timeX(page, 't'), y },
        },
      ],
      {
        readout: "'p50 ' + format(datum.p50, '.3~g') + ' ms   p99 ' + format(datum.p99, '.3~g') + ' ms'",
        extra: { references: [] },
      },
    );
  },
  data: (page, choice) => {
    const base = page.variants[page.baseline]?.operations[choice.operation];
    const floor = (value: number | null | undefined): number | null =>
      value === null || value === undefined ? null : Math.max(value, 0.01);
    const points = page.variants.flatMap((variant, v) => {
      const series = variant.operations[choice.operation];
      return page.time.starts.map(
        (_, i): Row => ({
          kind: 'point',
          variant: variant.name,
          t: middle(page.time, i),
          p50: floor(series?.p50[i]),
          p99: floor(series?.p99[i]),
          base: v === page.baseline ? null : floor(base?.p99[i]),
        }),
      );
    });
    const limit = page.p99Limits[choice.operation];
    return {
      strips: [
        ...points,
        ...stripFrame(
          page,
          choice,
          (v) =>
            `${shorten(page.variants[v]?.name ?? '', 40)}${v === page.baseline && page.variants.length > 1 ? ', baseline' : ''}`,
        ),
      ],
      references: limit === undefined ? [] : [{ y: limit }],
      bands: bandRows(page.variants[0]?.bands ?? []),
    };
  },
};
