import { formatMs, shorten } from '../compare/format.ts';
import type { Chart, Row } from './chart.ts';
import { AXIS_PX, bandRows, MARGIN_PX, timeX } from './frame.ts';
import { DURABILITY_LEVELS, type PageData } from './model.ts';
import { stripFrame, stripsSpec } from './strips.ts';

const COLOURS: Readonly<Record<(typeof DURABILITY_LEVELS)[number], string>> = {
  'under-replicated': 'var(--warn)',
  unavailable: 'var(--bad)',
  lost: 'var(--ink)',
};

/** How many partitions lacked redundancy, when, and how badly. */
export const durability: Chart = {
  id: 'durability',
  timed: true,
  marginPx: MARGIN_PX,
  absent: 'Every partition had all its replicas throughout: nothing was under-replicated, unavailable or lost.',
  title: () => 'When was data at risk?',
  look: () =>
    'Partitions with fewer replicas than promised (amber), with none up (red), with none left at all (ink). Look for how long a strip stays above zero after a fault: a second failure in that time costs more.',
  switches: () => [],
  drawable: (page) =>
    page.variants.some((variant) =>
      DURABILITY_LEVELS.some((level) => variant.durability[level].some((value) => value > 0)),
    ),
  table: {
    from: 'strips',
    columns: [
      { field: 'variant', label: 'variant' },
      { field: 'level', label: 'level' },
      { field: 't0', label: 'from' },
      { field: 't1', label: 'to' },
      { field: 'partitions', label: 'partitions' },
    ],
  },
  spec: (page) =>
    stripsSpec(
      page,
      [
        {
          transform: [{ filter: "datum.kind === 'point'" }],
          mark: { type: 'rect', clip: true, fill: { expr: 'datum.colour' } },
          encoding: {
            x: timeX(page, 't0'),
            x2: { field: 't1' },
            y: {
              field: 'partitions',
              type: 'quantitative',
              axis: { title: null, tickCount: 2, minExtent: AXIS_PX, maxExtent: AXIS_PX },
            },
            y2: { datum: 0 },
          },
        },
      ],
      { readout: "datum.level + ': ' + datum.partitions", height: page.variants.length > 6 ? 36 : 52 },
    ),
  data: (page, choice) => ({
    strips: [
      ...page.variants.flatMap((_, v) => spans(page, v)),
      ...stripFrame(page, choice, (v) => `${shorten(page.variants[v]?.name ?? '', 32)}  ·  ${exposure(page, v)}`),
    ],
    bands: bandRows(page.variants[0]?.bands ?? []),
  }),
};

/** Neighbouring bins with the same count as one rectangle, worst level last so that it lies on top. */
function spans(page: PageData, v: number): Row[] {
  const variant = page.variants[v];
  if (variant === undefined) return [];
  const { starts, width } = page.time;
  return DURABILITY_LEVELS.flatMap((level) => {
    const values = variant.durability[level];
    const rows: Row[] = [];
    for (let i = 0; i < values.length; ) {
      let end = i + 1;
      while (end < values.length && values[end] === values[i]) end += 1;
      const t0 = starts[i] ?? 0;
      const t1 = (starts[end - 1] ?? 0) + width;
      if ((values[i] ?? 0) > 0)
        rows.push({
          kind: 'point',
          variant: variant.name,
          level,
          colour: COLOURS[level],
          t: (t0 + t1) / 2,
          t0,
          t1,
          partitions: values[i] ?? 0,
        });
      i = end;
    }
    return rows;
  });
}

function exposure(page: PageData, v: number): string {
  const width = page.time.width * page.time.msPerUnit;
  const parts = DURABILITY_LEVELS.flatMap((level) => {
    const bins = page.variants[v]?.durability[level].filter((value) => value > 0).length ?? 0;
    return bins > 0 ? [`${level} ${formatMs(bins * width)}`] : [];
  });
  return parts.length > 0 ? parts.join(', ') : 'full redundancy throughout';
}
