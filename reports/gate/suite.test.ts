import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { syntheticComparison } from '../testdata/synthetic.ts';
import { readBaseline, writeBaseline } from './baseline.ts';
import { type Measurement, measure } from './measurement.ts';
import { judgeSuite } from './suite.ts';

const budgets = { p99: { worsePercent: 5, worseAbsolute: 0 } };
const accepted = { reason: 'r', author: 'a', on: '2024-01-01', changes: [] };

function measured(scenario: string): Measurement {
  const figure = { label: 'p99', unit: 'ms', better: 'lower', values: [10, 11] } as const;
  const variant = {
    digest: 'd',
    fingerprints: ['f', 'g'],
    figures: { p99: { ...figure, values: [...figure.values] } },
    checks: { I1: ['held' as const, 'held' as const] },
  };
  return { scenario, seeds: [1, 2], variants: { v: variant } };
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-baseline-'));
  for (const scenario of ['one', 'two']) await writeBaseline(folder, measured(scenario), accepted, undefined);
});
afterEach(() => rm(folder, { recursive: true }));

describe('judging a suite', () => {
  it('passes the whole suite', async () => {
    const runs = ['one', 'two'].map((scenario) => ({ measurement: measured(scenario), budgets }));
    expect((await judgeSuite(folder, runs)).map(({ judgement }) => judgement)).toEqual(['pass', 'pass']);
  });

  it('cannot judge a baseline whose scenario is not in the suite', async () => {
    const rows = await judgeSuite(folder, [{ measurement: measured('one'), budgets }]);
    expect(rows.map(({ scenario, judgement }) => [scenario, judgement])).toEqual([
      ['one', 'pass'],
      ['two', 'cannot-judge'],
    ]);
  });
});

describe('a baseline file', () => {
  it.each([
    ['values', /"values": \[[^\]]*\]/, '"values": [10]', 'v.figures.p99.values: found 1 entries; accepted: 2'],
    ['fingerprints', /"fingerprints": \[[^\]]*\]/, '"fingerprints": []', 'v.fingerprints: found 0 entries'],
    ['verdicts', /"I1": \[[^\]]*\]/, '"I1": ["held"]', 'v.checks.I1: found 1 entries'],
  ])('is refused with another number of %s than of seeds', async (_name, whole, cut, message) => {
    const file = join(folder, 'one.json');
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(whole);
    await writeFile(file, text.replace(whole, cut));
    await expect(readBaseline(folder, 'one')).rejects.toThrow(message);
  });
});

describe('measuring', () => {
  it('keeps the verdict of every check on every seed', () => {
    const { records } = syntheticComparison({ variants: ['v'], seeds: 2, dataNodes: 3, buckets: 4, calm: true });
    const [first, second] = records;
    if (first === undefined || second === undefined) throw new Error('two records expected');
    const [check] = first.checks;
    if (check === undefined) throw new Error('a check expected');
    const without = { ...second, checks: second.checks.filter(({ id }) => id !== check.id) };
    expect(measure([first, without], []).variants['v']?.checks[check.id]).toEqual([check.verdict, null]);
  });
});
