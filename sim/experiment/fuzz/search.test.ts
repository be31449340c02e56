import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { smallScenario } from '../testdata/trials.ts';
import type { FuzzTrial } from './fuzz-trial.ts';
import { drawTrial } from './fuzz-trial.ts';
import { judgeTrial, type Verdict } from './judge.ts';
import { writeScenario } from './scenario-file.ts';
import { shrinkTrial } from './shrink-trial.ts';
import { Tallies } from './tallies.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const folder = mkdtemp(join(tmpdir(), 'evenkeel-fuzz-'));
afterAll(async () => rm(await folder, { recursive: true, force: true }));

describe('a trial of the search', () => {
  it('gives the same verdict each time', async () => {
    const trial = smallTrial();
    const [first, second] = [await judgeTrial(ROOT, trial), await judgeTrial(ROOT, trial)];
    expect(first.failures).toEqual([]);
    expect(first.fingerprint).not.toBe('');
    expect(first.faults).toEqual({ crash: 1 });
    expect(second).toEqual(first);
    expect(first.requests).toBeGreaterThan(100);
  }, 30_000);

  it('that can not be run is a mistake, not a failure of the store', async () => {
    const trial = drawTrial(3);
    const wrong = { ...trial, input: { ...trial.input, cluster: { ...trial.input.cluster, writeQuorum: 99 } } };
    await expect(judgeTrial(ROOT, wrong)).rejects.toThrow(/writeQuorum: found 99/);
  });
});

describe('a failing trial', () => {
  it('is shrunk to the one fault that makes it fail, and nothing it does not need', async () => {
    const trial = manyFaults();
    const told = { check: 'I1', kind: 'correctness' as const, detail: 'made up' };
    const judge = async ({ input }: FuzzTrial): Promise<Verdict> =>
      verdict(
        (input.faults ?? []).some(({ kind, duration }) => kind === 'pause' && Number(duration) > 40) ? [told] : [],
      );
    const { value, minimal, runs } = await shrinkTrial(trial, told, judge, 2_000);
    expect(minimal).toBe(true);
    expect(runs).toBeLessThan(500);
    const { faults, cluster, traffic } = value.input;
    expect(faults).toHaveLength(1);
    expect(faults?.[0]).toMatchObject({ kind: 'pause', duration: 41 });
    expect(cluster.settings).toEqual({});
    expect(cluster.gateways).toEqual({ count: 1 });
    expect('rate' in traffic && traffic.rate).toBe(1);
  });

  it('is not taken for one that fails otherwise', async () => {
    const told = { check: 'I1', kind: 'correctness' as const, detail: '' };
    const judge = async () => verdict([{ ...told, check: 'I8' }]);
    expect((await shrinkTrial(manyFaults(), told, judge, 50)).value).toEqual(manyFaults());
  });

  it('is written whole, with why and how to run it again', async () => {
    const outDir = join(await folder, 'out');
    const file = await writeScenario(ROOT, outDir, drawTrial(3), [
      { check: 'I1', kind: 'correctness', detail: 'a\nb' },
    ]);
    expect(await readdir(outDir)).toEqual(['fuzz-3.ts']);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('// I1: a b\n');
    expect(text).toMatch(/\/\/ npm run scenario -- .*fuzz-3\.ts --variants \w+ --seeds 3,\n/);
  });
});

describe('tallies', () => {
  it('count trials, faults and checks', () => {
    const tallies = new Tallies();
    tallies.add({ ...verdict([]), requests: 3, faults: { pause: 2 }, checks: { I1: 'held', I2: 'not-judged' } });
    tallies.add(verdict([{ check: 'exception', kind: 'correctness', detail: '' }]));
    expect(tallies).toMatchObject({ trials: 2, failed: 1, requests: 3 });
    expect([...tallies.faults]).toEqual([['pause', 2]]);
    expect([...tallies.judged]).toEqual([
      ['I1', 1],
      ['I2', 0],
    ]);
    expect([...tallies.violated]).toEqual([['exception', 1]]);
  });
});

function verdict(failures: Verdict['failures']): Verdict {
  return { failures, requests: 0, faults: {}, checks: {}, fingerprint: '' };
}

/** One that does not change with the draws. */
function smallTrial(): FuzzTrial {
  const faults = [{ kind: 'crash', target: 'data-1', at: 500, duration: 300 }];
  return { seed: 3, mode: 'all', input: smallScenario({ duration: '2s', variants: { all: {} }, faults }) };
}

function manyFaults(): FuzzTrial {
  const trial = drawTrial(3);
  const faults = Array.from({ length: 9 }, (_, i) => ({
    kind: i === 4 ? 'pause' : 'slow-cpu',
    target: ['data-1', 'data-2'],
    at: 500 * (i + 1),
    duration: 300,
    ...(i === 4 ? {} : { factor: 3 }),
  }));
  return { ...trial, mode: 'all', input: { ...trial.input, variants: { all: {} }, faults } };
}
