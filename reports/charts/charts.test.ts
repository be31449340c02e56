import { describe, expect, it } from 'vitest';
import { recordSchema } from '../../sim/record/schema.ts';
import { scorecard } from '../compare/scorecard.ts';
import { arrangeTrials } from '../compare/trials.ts';
import { draw } from '../page/draw.ts';
import { type SyntheticOptions, syntheticComparison } from '../testdata/synthetic.ts';
import { CHARTS } from './all.ts';
import { heatmap } from './heatmap.ts';
import { latencyOverTime } from './latency-over-time.ts';
import { defaultChoice, type PageData } from './model.ts';
import { moves } from './moves.ts';
import { pageData, thinningNotes } from './page-data.ts';

function page(options: SyntheticOptions): PageData {
  const { comparison, records } = syntheticComparison(options);
  return pageData(arrangeTrials(comparison, records), scorecard(comparison, records));
}

const typical = page({ seeds: 3, buckets: 60 });

describe('synthetic records', () => {
  it('pass the schema', () => {
    for (const record of syntheticComparison({ seeds: 1, buckets: 20 }).records)
      expect(recordSchema.safeParse(record).error?.issues ?? []).toEqual([]);
  });
});

describe.each(CHARTS.map((chart) => ({ id: chart.id, chart })))('chart $id', ({ chart }) => {
  it('asks a question and says what to look for', () => {
    const choice = defaultChoice(typical, 900);
    expect(chart.title(typical, choice)).toMatch(/\?( \(.*\))?$/);
    expect(chart.look(typical, choice).length).toBeGreaterThan(40);
  });

  it('draws without a stray value', async () => {
    expect(chart.drawable(typical)).toBe(true);
    const { svg } = await draw(chart, typical);
    expect(svg).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(svg).toMatch(/^<svg role="img" aria-label="/);
  });

  it('fills the table behind it', () => {
    const rows = chart.data(typical, defaultChoice(typical, 900))[chart.table.from] ?? [];
    const shown = rows.filter((row) => !('kind' in row) || row['kind'] === 'point');
    expect(shown.length).toBeGreaterThan(0);
    for (const { field } of chart.table.columns)
      expect(
        shown.some((row) => row[field] !== undefined && row[field] !== null),
        field,
      ).toBe(true);
  });
});

describe('charts', () => {
  it('hold the numbers of the record', () => {
    const { comparison, records } = syntheticComparison({ seeds: 1, buckets: 40 });
    const data = pageData(arrangeTrials(comparison, records), scorecard(comparison, records));
    const rows = latencyOverTime.data(data, { ...defaultChoice(data, 900), operation: 'put' })['strips'] ?? [];
    const expected = records.flatMap((record) => record.operations.find(({ op }) => op === 'put')?.series.p99Ms ?? []);
    expect(rows.filter((row) => row['kind'] === 'point').map((row) => row['p99'])).toEqual(expected);
  });

  it('state the bytes moved of the scorecard, and how many of them came after the time axis', () => {
    const { comparison, records } = syntheticComparison({ seeds: 1, buckets: 40 });
    const inAxis = records.map(({ ledger }) =>
      Object.values(ledger.movedBytes).reduce((sum, series) => sum + series.reduce((s, v) => s + v, 0), 0),
    );
    const longer = records.map((record, i) => {
      const value = (inAxis[i] ?? 0) + 3e6;
      const bytesMoved = { label: 'bytes', unit: 'bytes' as const, better: 'lower' as const, value };
      return { ...record, figures: { ...record.figures, bytesMoved } };
    });
    const data = pageData(arrangeTrials(comparison, longer), scorecard(comparison, longer));
    expect(data.variants.map(({ movedTotal }) => movedTotal)).toEqual(inAxis.map((bytes) => bytes + 3e6));
    expect(JSON.stringify(moves.data(data, defaultChoice(data, 900)))).toContain('of it after the end');
    expect(JSON.stringify(moves.data(typical, defaultChoice(typical, 900)))).not.toContain('after the end');
  });

  it('are left out where there is nothing to show', () => {
    const calm = page({ variants: ['p2c'], seeds: 1, calm: true, buckets: 20, dataNodes: 3, durationMs: 2000 });
    expect(CHARTS.filter((chart) => !chart.drawable(calm)).map(({ id }) => id)).toEqual([
      'differences',
      'durability',
      'moves',
    ]);
  });

  it('leave a dead node blank in the heatmap and hatch it', () => {
    const data = heatmap.data(typical, defaultChoice(typical, 900));
    const down = data['states']?.find((row) => row['state'] === 'down');
    expect(down).toMatchObject({ node: 'data-3', fill: 'url(#state-down)' });
    const overlap = (data['cells'] ?? []).filter(
      (cell) =>
        cell['node'] === 'data-3' &&
        Number(cell['from']) < Number(down?.['to']) &&
        Number(cell['to']) > Number(down?.['from']),
    );
    expect(overlap).toEqual([]);
  });

  it('show the hottest of many nodes, those a fault struck, and quantiles for the rest, and say so', () => {
    const options = { variants: ['ring-hash', 'p2c'], seeds: 1, dataNodes: 300, buckets: 400 };
    const { comparison, records } = syntheticComparison(options);
    const trials = arrangeTrials(comparison, records);
    const data = pageData(trials, scorecard(comparison, records));
    const heat = data.variants[0]?.heat['data'];
    const ids = heat?.rows.map(({ id }) => id) ?? [];
    expect(ids.length).toBeLessThanOrEqual(64);
    expect(ids).toEqual(expect.arrayContaining(['data-3', 'data-5', 'data-7', 'highest', 'p50']));
    expect(heat?.starts.length).toBeLessThanOrEqual(300);
    expect(thinningNotes(data, trials).join(' ')).toMatch(/shows \d+ of 300 data nodes/);
    expect(data.time.starts).toHaveLength(200);
  });
});
