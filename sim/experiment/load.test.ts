import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenario, resolveVariant, scenarioNames } from './load.ts';
import { ROOT } from './testdata/trials.ts';
import { checkTrial } from './trial.ts';

const REFERENCE = 'sim/experiment/testdata/two-variants.ts';

const load = (...sets: string[]) => loadScenario(ROOT, REFERENCE, sets);
const message = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('the scenarios of the project', () => {
  it('all load, and all their variants can be run', async () => {
    const files = await readdir(join(ROOT, 'scenarios/gate'));
    const gate = files.filter((file) => file.endsWith('.ts')).map((file) => `scenarios/gate/${file}`);
    for (const reference of [...(await scenarioNames(ROOT)), ...gate]) {
      const loaded = await loadScenario(ROOT, reference, []);
      for (const name of Object.keys(loaded.scenario.variants)) await checkTrial(ROOT, resolveVariant(loaded, name));
      expect(reference.replace(/^scenarios\/(gate)\/(.*)\.ts$/, '$1-$2')).toBe(loaded.scenario.name);
    }
  }, 120_000);
});

describe('loadScenario', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evenkeel-load-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('finds a scenario by its name and by its path', async () => {
    expect((await loadScenario(ROOT, 'drain', [])).file).toBe('scenarios/drain.ts');
    expect((await loadScenario(ROOT, './scenarios/drain.ts', [])).file).toBe('scenarios/drain.ts');
    expect((await loadScenario(ROOT, join(ROOT, 'scenarios/drain.ts'), [])).file).toBe('scenarios/drain.ts');
  });

  it.each([
    ['drian', /^scenario: found 'drian'; accepted: a file, or one of drain, .*, did you mean 'drain'\?$/],
    ['scenarios/none.ts', /^scenario: found 'scenarios\/none\.ts'; accepted: a file, or one of drain, /],
    ['scenarios/gate', /^scenario: found 'scenarios\/gate'; accepted: a file/],
    ['sim/host.ts', /^sim\/host\.ts: no default export; accepted: export default defineScenario/],
  ])('refuses %s', async (reference, complaint) => {
    expect(await message(loadScenario(ROOT, reference, []))).toMatch(complaint);
  });

  it('names a file that cannot be loaded, and why, in one line', async () => {
    const file = join(folder, 'broken.ts');
    await writeFile(file, "throw new Error('not today');\n");
    expect(await message(loadScenario(ROOT, file, []))).toBe(`${file}: can't be loaded: not today`);
  });

  it.each([
    ['traffic.rate=-5', 'traffic.rate: found -5; accepted: a number above 0'],
    ['traffic.rat=5', /^set traffic\.rat: traffic: unknown field rat; accepted: rate, /],
    ['cluster.dta.count=5', /^set cluster\.dta\.count: cluster: unknown field dta; accepted: zones, /],
    ['duration=never', "duration: found \"never\"; accepted: ms from 0, or a text such as '250ms', '60s', '5m', '2h'"],
    ['cluster.metadata.count=2', 'cluster.metadata.count: accepted: 1, 3 or 5'],
    ['cluster.replication=9', 'cluster.replication: found 9; accepted: at most cluster.data.count, 6'],
  ])('refuses --set %s, with file and path', async (set, complaint) => {
    const [place, ...rest] = (await message(load(set))).split(`${REFERENCE}: `);
    expect(place).toBe('');
    expect(rest.join()).toMatch(typeof complaint === 'string' ? new RegExp(`^${escaped(complaint)}$`) : complaint);
  });

  it('names the variant whose settings are wrong', async () => {
    expect(await message(load('variants.chance.set={"traffic.rate":0}'))).toBe(
      `${REFERENCE}: variants.chance: traffic.rate: found 0; accepted: a number above 0`,
    );
  });
});

describe('resolveVariant', () => {
  it('puts algorithms and settings of the variant over the scenario, and says what differs', async () => {
    const loaded = await load('variants.choices.set={"traffic.rate":7,"cluster.balancer":{"name":"random"}}');
    const { scenario, settings } = resolveVariant(loaded, 'choices');
    expect(scenario.traffic).toMatchObject({ rate: 7 });
    expect(scenario.cluster.balancer.name).toBe('random');
    expect(settings).toEqual({ 'cluster.balancer': 'random', 'traffic.rate': '7' });
    expect(loaded.scenario.cluster.balancer.name).toBe('power-of-two');
  });

  it('refuses a variant that there is not', async () => {
    const loaded = await load();
    expect(() => resolveVariant(loaded, 'choice')).toThrow(
      "--variants: found 'choice'; accepted in two-variants: chance, choices, did you mean 'choices'?",
    );
  });

  it('gives a digest of what shapes the run, and of nothing else', async () => {
    const digest = async (...sets: string[]) => resolveVariant(await load(...sets), 'chance').digest;
    const plain = await digest();
    for (const prose of ['question=Why?', 'seeds=9', 'slo={"availability":{"min":1}}', 'gate={}'])
      expect(await digest(prose), prose).toBe(plain);
    for (const shaping of ['traffic.rate=301', 'duration=3s', 'cluster.partitions=64', 'faults=[]', 'warmup=1s'])
      expect(await digest(shaping), shaping).not.toBe(plain);
    expect(resolveVariant(await load(), 'choices').digest).not.toBe(plain);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
