import { formatBytes, shorten } from '../compare/format.ts';
import type { Chart, Row } from './chart.ts';
import { AXIS_PX, bandRows, MARGIN_PX, timeX } from './frame.ts';
import type { PageData } from './model.ts';
import { stripFrame, stripsSpec } from './strips.ts';

/** Causes in the order in which they are stacked, each with its colour. */
const CAUSES: Readonly<Record<string, string>> = {
  repair: 'var(--v1)',
  join: 'var(--v2)',
  leave: 'var(--v4)',
  drain: 'var(--v0)',
  load: 'var(--v3)',
};

/** At most so many columns a strip: movement is bursty, and a column must stay visible. */
const COLUMNS = 150;

/** Bytes that arrived on other nodes, by cause. */
export const moves: Chart = {
  id: 'moves',
  timed: true,
  marginPx: MARGIN_PX,
  absent: 'Nothing was moved: no repair, no join or drain, no rebalancing for load.',
  title: () => 'What does balance cost in bytes moved?',
  look: (page) =>
    `Look for movement that no fault explains, and for a total far above the least needed: what leaving nodes held, or what an even spread gives new ones. Colours: ${causesOf(
      page,
    )
      .map((cause) => CAUSE_NAMES[cause] ?? cause)
      .join(', ')}.`,
  switches: () => [],
  drawable: (page) => causesOf(page).length > 0,
  table: {
    from: 'strips',
    columns: [
      { field: 'variant', label: 'variant' },
      { field: 't0', label: 'from' },
      { field: 't1', label: 'to' },
      { field: 'cause', label: 'cause' },
      { field: 'bytes', label: 'bytes/s' },
    ],
  },
  spec: (page) =>
    stripsSpec(
      page,
      [
        {
          transform: [{ filter: "datum.kind === 'point'" }],
          mark: { type: 'bar', clip: true, binSpacing: 0, fill: { expr: 'datum.colour' } },
          encoding: {
            x: { ...timeX(page, 't0'), bin: 'binned' },
            x2: { field: 't1' },
            y: {
              field: 'bytes',
              type: 'quantitative',
              stack: 'zero',
              axis: {
                title: null,
                tickCount: 2,
                minExtent: AXIS_PX,
                maxExtent: AXIS_PX,
                labelExpr: "format(datum.value, '~s') + 'B/s'",
              },
            },
            detail: { field: 'cause', type: 'nominal' },
          },
        },
      ],
      {
        readout: "datum.cause + ': ' + format(datum.bytes, '.3~s') + 'B/s'",
        height: page.variants.length > 6 ? 44 : 62,
      },
    ),
  data: (page, choice) => ({
    strips: [...page.variants.flatMap((_, v) => columns(page, v)), ...stripFrame(page, choice, (v) => total(page, v))],
    bands: bandRows(page.variants[0]?.bands ?? []),
  }),
};

const CAUSE_NAMES: Readonly<Record<string, string>> = {
  repair: 'repair (orange)',
  join: 'join (green)',
  leave: 'leave (rose)',
  drain: 'drain (blue)',
  load: 'load (gold)',
};

function causesOf(page: PageData): string[] {
  const present = new Set(
    page.variants.flatMap((variant) =>
      Object.entries(variant.moved).flatMap(([cause, series]) => (series.some((v) => v > 0) ? [cause] : [])),
    ),
  );
  return [
    ...Object.keys(CAUSES).filter((cause) => present.has(cause)),
    ...[...present].filter((cause) => !(cause in CAUSES)),
  ];
}

function columns(page: PageData, v: number): Row[] {
  const variant = page.variants[v];
  if (variant === undefined) return [];
  const { starts, width, msPerUnit } = page.time;
  const group = Math.max(1, Math.ceil(starts.length / COLUMNS));
  return causesOf(page).flatMap((cause) => {
    const series = variant.moved[cause] ?? [];
    const rows: Row[] = [];
    for (let i = 0; i < series.length; i += group) {
      const part = series.slice(i, i + group);
      const bytes = part.reduce((sum, value) => sum + value, 0);
      if (bytes === 0) continue;
      const t0 = starts[i] ?? 0;
      const t1 = t0 + width * part.length;
      rows.push({
        kind: 'point',
        variant: variant.name,
        cause,
        colour: CAUSES[cause] ?? 'var(--base)',
        t: (t0 + t1) / 2,
        t0,
        t1,
        bytes: Math.round((bytes * 1000) / (width * msPerUnit * part.length)),
      });
    }
    return rows;
  });
}

function total(page: PageData, v: number): string {
  const variant = page.variants[v];
  if (variant === undefined) return '';
  const least = variant.leastBytes;
  const drawn = Object.values(variant.moved).reduce((sum, series) => sum + series.reduce((s, v) => s + v, 0), 0);
  const later = variant.movedTotal - drawn;
  return [
    `${shorten(variant.name, 32)}  ·  ${formatBytes(variant.movedTotal)} moved`,
    ...(later >= 1 ? [`${formatBytes(later)} of it after the end`] : []),
    ...(least === null ? [] : [`${formatBytes(least)} needed`]),
  ].join(', ');
}
