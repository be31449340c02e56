import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectSameDraws } from '../kernel/draw-log.ts';
import { Kernel } from '../kernel/kernel.ts';
import { FaultInjector } from '../world/faults/injector.ts';
import { Cluster } from './cluster.ts';
import { TrafficDriver } from './driver.ts';
import { faultSpecs } from './faults.ts';
import { loadScenario, resolveVariant } from './load.ts';
import { faultRegistry } from './operations.ts';
import { fillStore } from './stock.ts';
import { ROOT, smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { playTrial, runTrial, trafficOf } from './trial.ts';
import type { Trial } from './trial-input.ts';

/** Far more than it takes: a busy machine is no failure. */
const PATIENCE_MS = 120_000;

/** Something of everything that draws: faults at random targets, lost packets, retries, repairs, a node that joins. */
const busy = variantOf(
  smallScenario({
    cluster: { ...smallScenario().cluster, data: { count: 6, standby: 1 } },
    faults: [
      { kind: 'packet-loss', target: 'all', rate: 0.02, at: '200ms', duration: '1500ms' },
      { kind: 'crash', target: { random: 1, of: 'role:data' }, at: '500ms', duration: '800ms' },
      { kind: 'add-nodes', target: 'data-7', at: '1s' },
      { kind: 'pause', target: { random: 1, of: 'role:gateway' }, at: '1500ms', duration: '200ms' },
    ],
  }),
  'only',
);

describe('a trial', { timeout: PATIENCE_MS }, () => {
  it('draws the same at each run, draw for draw', async () => {
    const trial = trialOf(busy, 1);
    const plan = await trafficOf(trial.root, trial.variant, trial.seed);
    const draws = expectSameDraws((log) => {
      playTrial(trial, plan, {
        onStation: (station, { kernel }) => {
          if (station === 'built') kernel.traceDraws(log);
        },
      });
    });
    expect(draws).toBeGreaterThan(10_000);
  });

  it('leaves the same bytes for the same seed, and takes another course for another', async () => {
    const [first, again, other] = await Promise.all([1, 1, 2].map((seed) => runTrial(trialOf(busy, seed))));
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(other?.fingerprint).not.toBe(first?.fingerprint);
  });

  it('takes the same course whether or not anybody looks on', async () => {
    const trial = trialOf(busy, 1);
    const watched = { originMs: 0, fingerprint: '' };
    let heard = 0;
    await runTrial(trial, {
      onStation: (station, { kernel }) => {
        if (station === 'filled') watched.originMs = kernel.nowMs;
        if (station === 'ended') watched.fingerprint = kernel.fingerprint();
      },
      onEvent: () => {
        heard += 1;
      },
    });
    expect(heard).toBeGreaterThan(1_000);
    expect(await unwatched(trial, watched.originMs)).toBe(watched.fingerprint);
  });
});

/** The course of a trial up to the end of its traffic, without recorder, gauges, checks or listener. Gives its fingerprint. */
async function unwatched(trial: Trial, originMs: number): Promise<string> {
  const { scenario } = trial.variant;
  const plan = await trafficOf(trial.root, trial.variant, trial.seed);
  const kernel = new Kernel(String(trial.seed));
  const cluster = new Cluster(kernel, scenario, () => {});
  const registry = faultRegistry(() => cluster);
  const faults = new FaultInjector(cluster.world, registry, faultSpecs(scenario.faults, registry));
  cluster.start();
  kernel.runUntil(() => cluster.ready, Number.POSITIVE_INFINITY);
  const filling = fillStore(cluster.clients, plan.keySpace);
  filling.start();
  kernel.runUntil(() => filling.done, Number.POSITIVE_INFINITY);
  kernel.run(originMs);
  const source = plan.source((purpose) => kernel.stream(purpose));
  new TrafficDriver(kernel, cluster.clients, source, originMs).start();
  faults.arm(originMs);
  kernel.run(originMs + scenario.duration);
  return kernel.fingerprint();
}

describe('the gate suite', () => {
  it(
    'takes the course that it has always taken (vitest -u where that was meant to change)',
    async () => {
      const folder = 'scenarios/gate';
      const lines: string[] = [];
      for (const file of (await readdir(join(ROOT, folder))).filter((name) => name.endsWith('.ts')).sort()) {
        const loaded = await loadScenario(ROOT, `${folder}/${file}`, []);
        for (const name of Object.keys(loaded.scenario.variants)) {
          const { fingerprint, events } = await runTrial(trialOf(resolveVariant(loaded, name), 1));
          lines.push(`${loaded.scenario.name.padEnd(12)}${name.padEnd(14)}seed 1  ${fingerprint}  ${events} events`);
        }
      }
      await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('testdata/gate-fingerprints.txt');
    },
    PATIENCE_MS,
  );
});
