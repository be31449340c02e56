import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readComparison } from '../record/comparison-file.ts';
import type { StoreEvent } from '../store/events.ts';
import { loadScenario, resolveVariant } from './load.ts';
import { type SweepProgress, type SweepResult, sweep } from './sweep.ts';
import { ROOT, trialOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 120_000;

const REFERENCE = 'sim/experiment/testdata/two-variants.ts';
const SILENT: SweepProgress = { onStart: () => {}, onTrial: () => {} };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evenkeel-sweep-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Wish {
  readonly out: string;
  readonly jobs?: number;
  readonly sets?: readonly string[];
  readonly progress?: Partial<SweepProgress>;
  readonly interrupt?: AbortSignal;
}

async function sweepTwo({ out, jobs = 2, sets = [], progress, interrupt }: Wish): Promise<SweepResult> {
  const loaded = await loadScenario(ROOT, REFERENCE, sets);
  return sweep(
    {
      root: ROOT,
      reference: REFERENCE,
      loaded,
      variants: ['chance', 'choices'],
      seeds: [1, 2],
      jobs,
      outDir: join(folder, out),
    },
    { ...SILENT, ...progress },
    interrupt ?? new AbortController().signal,
  );
}

/** Every file of a folder, by name. */
async function filesIn(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(path, name), 'utf8')])),
  );
}

describe('a sweep', { timeout: PATIENCE_MS }, () => {
  it('gives the same bytes from one worker, from two, and from none', async () => {
    const [one, two] = [await sweepTwo({ out: 'one', jobs: 1 }), await sweepTwo({ out: 'two', jobs: 2 })];
    const { 'comparison.json': _one, ...recordsOfOne } = await filesIn(one.folder);
    const { 'comparison.json': _two, ...recordsOfTwo } = await filesIn(two.folder);
    expect(Object.keys(recordsOfOne)).toEqual([
      'chance-seed-1.json',
      'chance-seed-2.json',
      'choices-seed-1.json',
      'choices-seed-2.json',
    ]);
    expect(recordsOfTwo).toEqual(recordsOfOne);
    const { environment: _here, ...plain } = one.comparison;
    const { environment: _there, ...again } = two.comparison;
    expect(again).toEqual(plain);

    const variant = resolveVariant(await loadScenario(ROOT, REFERENCE, []), 'chance');
    const { fingerprint } = await runTrial(trialOf(variant, 2));
    expect(one.comparison.trials[2]).toEqual({ variant: 'chance', seed: 2, file: 'chance-seed-2.json', fingerprint });
  });

  it('keeps whole records of the finished trials, and nothing else, when it is interrupted', async () => {
    const interrupt = new AbortController();
    const {
      comparison,
      complete,
      folder: left,
    } = await sweepTwo({
      out: 'interrupted',
      jobs: 1,
      progress: { onTrial: () => interrupt.abort() },
      interrupt: interrupt.signal,
    });
    expect(complete).toBe(false);
    expect(comparison.trials).toHaveLength(1);
    expect(Object.keys(await filesIn(left))).toEqual(['chance-seed-1.json', 'comparison.json']);
    expect((await readComparison(left)).records).toHaveLength(1);
    expect(await readdir(join(folder, 'interrupted'))).toEqual(['two-variants']);
  });

  it('leaves nothing when it is interrupted before a trial has ended', async () => {
    const interrupt = AbortSignal.abort();
    await expect(sweepTwo({ out: 'nothing', interrupt })).rejects.toThrow(/abort/i);
    expect(await readdir(folder)).not.toContain('nothing');
  });

  it('leaves earlier results as they were when a trial fails, and passes on what the mistake was', async () => {
    const earlier = join(folder, 'failing', 'two-variants');
    await mkdir(earlier, { recursive: true });
    await writeFile(join(earlier, 'comparison.json'), 'of an earlier sweep');
    await expect(sweepTwo({ out: 'failing', sets: ['cluster.data.disk.capacity=1kb'] })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^filling the store: .* could not be stored \(no-space\)$/),
    });
    expect(await filesIn(earlier)).toEqual({ 'comparison.json': 'of an earlier sweep' });
    expect(await readdir(join(folder, 'failing'))).toEqual(['two-variants']);
  });
});

describe('the variants of a comparison', { timeout: PATIENCE_MS }, () => {
  /** What clients asked for and when, and where faults struck, whatever became of it. */
  async function course(name: string): Promise<{ asked: readonly string[]; struck: readonly string[] }> {
    const loaded = await loadScenario(ROOT, REFERENCE, []);
    const asked: string[] = [];
    let originMs = Number.POSITIVE_INFINITY;
    const { faults } = await runTrial(trialOf(resolveVariant(loaded, name), 3), {
      onStation: (station, { kernel }) => {
        if (station === 'filled') originMs = kernel.nowMs;
        if (station === 'settled') originMs = Number.POSITIVE_INFINITY;
      },
      onEvent: (node, event, nowMs) => {
        if (nowMs < originMs || event.kind !== 'operation') return;
        const { op, key, startedMs } = event as Extract<StoreEvent, { kind: 'operation' }>;
        asked.push(`${(startedMs - originMs).toFixed(6)} ms ${node} ${op} ${key}`);
      },
    });
    return { asked: asked.sort(), struck: faults.map(({ line }) => line) };
  }

  it('see the same requests at the same times, and the same faults', async () => {
    const [chance, choices] = [await course('chance'), await course('choices')];
    expect(chance.asked.length).toBeGreaterThan(500);
    expect(choices.asked).toEqual(chance.asked);
    expect(choices.struck).toEqual(chance.struck);
    expect(chance.struck[0]).toMatch(/^crash data-\d \(1 at random of role:data\) at 500 ms/);
  });
});
