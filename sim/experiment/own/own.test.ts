import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenario, resolveVariant } from '../load.ts';
import { type SweepResult, sweep } from '../sweep.ts';
import { ROOT, smallScenario } from '../testdata/trials.ts';
import { balancerSource, placementSource, rebalancerSource } from './testdata/algorithms.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 120_000;

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'evenkeel-own-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

type Variants = Readonly<Record<string, object>>;

/** Writes a scenario with these variants and files beside it, in a folder of its own. */
async function written(name: string, variants: Variants, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  for (const [file, source] of Object.entries(files)) await writeFile(join(folder, file), source);
  const scenario = smallScenario({ duration: '500ms', seeds: 1, variants });
  await writeFile(join(folder, 'scenario.ts'), `export default ${JSON.stringify(scenario)};`);
  return join(folder, 'scenario.ts');
}

async function run(name: string, variants: Variants, files: Readonly<Record<string, string>>): Promise<SweepResult> {
  const reference = await written(name, variants, files);
  const plan = {
    root: ROOT,
    reference,
    loaded: await loadScenario(ROOT, reference, []),
    variants: Object.keys(variants),
    seeds: [1],
    jobs: 2,
    outDir: join(home, name, 'out'),
    callLimitMs: 2_000,
  };
  return sweep(plan, { onStart: () => {}, onTrial: () => {} }, new AbortController().signal);
}

const own = (file: string) => ({ balancer: `./${file}.ts` });

describe('algorithms of the user’s own', { timeout: PATIENCE_MS }, () => {
  it('run beside the classics from outside the project, and fail their variant alone', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const [, example = ''] = /```ts\n(import type \{ OwnBalancer \}[^`]*)```/.exec(readme) ?? [];
    expect(example).toContain('fewest-open');
    const variants = {
      classic: { balancer: 'power-of-two' },
      mine: own('fewest-open'),
      placed: { placement: './placement.ts', rebalancer: { name: './rebalancer.ts' } },
      spins: own('spins'),
      throws: own('throws'),
      gambles: own('gambles'),
      remembers: own('remembers'),
    };
    const { comparison, failures, complete } = await run('all', variants, {
      'fewest-open.ts': example,
      'placement.ts': placementSource('in-turn', ''),
      'rebalancer.ts': rebalancerSource('idle', ''),
      'throws.ts': balancerSource('throws', "if (count > 3) throw new Error('out of ideas')"),
      'gambles.ts': balancerSource('gambles', 'return eligible[Math.floor(Math.random() * eligible.length)]'),
      'remembers.ts': balancerSource('remembers', 'return eligible[total > 60 ? eligible.length - 1 : 0]'),
      'spins.ts': balancerSource('spins', 'while (count > 5) {}'),
    });
    const told = Object.fromEntries(failures.map(({ variant, failure }) => [variant, failure]));
    expect(told).toEqual({
      spins: 'its own algorithm did not return from pick within 2 s',
      throws: 'balancer "throws": pick threw: out of ideas',
      gambles: expect.stringContaining('balancer "gambles": pick used Math.random'),
      remembers: expect.stringContaining('balancer "remembers": took another course when the trial was run again'),
    });
    expect(comparison.variants).toEqual(['classic', 'mine', 'placed']);
    expect(comparison.trials.map(({ variant }) => variant)).toEqual(['classic', 'mine', 'placed']);
    expect((await readdir(join(home, 'all', 'out', 'small'))).sort()).toEqual([
      'classic-seed-1.json',
      'comparison.json',
      'mine-seed-1.json',
      'placed-seed-1.json',
    ]);
    expect(complete).toBe(true);
  });

  it('are part of the digest, by their text', async () => {
    const digestOf = async (name: string, pick: string) => {
      const reference = await written(name, { mine: own('mine') }, { 'mine.ts': balancerSource('mine', pick) });
      const variant = resolveVariant(await loadScenario(ROOT, reference, []), 'mine');
      expect(variant.settings['cluster.balancer']).toMatch(/^mine \(\.\/mine\.ts, sha256 [0-9a-f]{16}\)$/);
      return variant.digest;
    };
    const first = await digestOf('digest-1', '');
    expect(await digestOf('digest-2', '')).toBe(first);
    expect(await digestOf('digest-3', 'count += 0')).not.toBe(first);
  });

  it.each([
    ['missing', undefined, /scenario\.ts: variants\.mine\.balancer: '\.\/mine\.ts': can't be loaded: /],
    ['empty', 'export const nothing = 1;', /'\.\/mine\.ts': exports 0 definitions; accepted: one/],
    [
      'taken',
      balancerSource('random', ''),
      /balancer: name: found "random", accepted: a name that no shipped algorithm has/,
    ],
  ])('are refused when the scenario is loaded: %s', async (name, source, message) => {
    const reference = await written(
      `refused-${name}`,
      { mine: own('mine') },
      source === undefined ? {} : { 'mine.ts': source },
    );
    await expect(loadScenario(ROOT, reference, [])).rejects.toThrow(message);
  });
});
