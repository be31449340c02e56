import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { mean } from 'simple-statistics';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TrafficInput } from '../traffic/schema.ts';
import { ROOT, smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

const TRACE = '../shared/data/nasa-http-1995-08-01/nasa_19950801_pseudonymised.clf.log.gz';
const isThere = existsSync(resolve(ROOT, TRACE));

/** `web-day` while all is well: a recorded day of web traffic, 30,000 requests, in 40 s. */
const TIME_SCALE = 1_160;
const SEEDS = [1, 2, 3];

/**
 * By how much the mean over seeds may differ, relative to the trace's. The trace is one day, the profile a fresh one like it
 * for each seed: sizes and ranks are matched anew, so what hangs on the few largest or hottest objects differs most.
 */
const TOLERANCE = {
  requests: 0.01,
  goodputPerS: 0.01,
  availability: 0,
  getP50Ms: 0.04,
  getP99Ms: 0.15,
  peakToMean: 0.05,
  cov: 0.1,
  randomPeakToMean: 0.02,
  bytesRead: 0.08,
  shareOfTop1: 0.02,
  shareOfTop10: 0.02,
  shareOfTop100: 0.02,
} as const;

type Measured = Record<keyof typeof TOLERANCE, number>;

async function measure(traffic: TrafficInput): Promise<Measured> {
  const variant = variantOf(
    smallScenario({
      duration: '40s',
      warmup: '2s',
      cluster: { data: { count: 12, disk: { seek: '5ms' } }, gateways: { count: 2 }, clients: { count: 4 } },
      traffic,
    }),
    'only',
  );
  const runs: Measured[] = [];
  for (const seed of SEEDS) runs.push(await run(variant, seed));
  const average = (figure: keyof Measured) => mean(runs.map((one) => one[figure]));
  return Object.fromEntries(figures().map((figure) => [figure, average(figure)])) as Measured;
}

async function run(variant: Parameters<typeof trialOf>[0], seed: number): Promise<Measured> {
  const reads = new Map<string, number>();
  let isOn = false;
  const {
    figures: found,
    operations,
    nodes,
  } = await runTrial(trialOf(variant, seed), {
    onStation: (station) => {
      isOn = station === 'filled';
    },
    onEvent: (_node, event) => {
      if (!isOn || event.kind !== 'operation' || !('key' in event)) return;
      const key = String(event.key);
      reads.set(key, (reads.get(key) ?? 0) + 1);
    },
  });
  const figure = (name: string) => found[name]?.value ?? Number.NaN;
  const counts = [...reads.values()].sort((a, b) => b - a);
  const share = (top: number) => sum(counts.slice(0, top)) / sum(counts);
  return {
    requests: operations.find(({ op }) => op === 'all')?.requests ?? 0,
    goodputPerS: figure('goodputPerS'),
    availability: figure('availability'),
    getP50Ms: figure('getP50Ms'),
    getP99Ms: figure('getP99Ms'),
    peakToMean: figure('peakToMean'),
    cov: figure('cov'),
    randomPeakToMean: figure('randomPeakToMean'),
    bytesRead: sum(nodes.filter(({ role }) => role === 'data').map(({ series }) => sum(series.bytes))),
    shareOfTop1: share(1),
    shareOfTop10: share(10),
    shareOfTop100: share(100),
  };
}

function figures(): readonly (keyof Measured)[] {
  return Object.keys(TOLERANCE) as (keyof Measured)[];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

// The trace is other people's and stays outside the repository.
describe.skipIf(!isThere)(
  `a run on the profile nasa-web-day and a run on its trace${isThere ? '' : ` (no ${TRACE})`}`,
  () => {
    let trace: Measured;
    let profile: Measured;
    beforeAll(async () => {
      trace = await measure({ trace: TRACE, timeScale: TIME_SCALE });
      profile = await measure({ profile: 'nasa-web-day', timeScale: TIME_SCALE });
    }, 60_000);

    it.each(figures())('agree in %s', (figure) => {
      const says = `trace ${trace[figure]}, profile ${profile[figure]}`;
      expect(Math.abs(profile[figure] / trace[figure] - 1), says).toBeLessThanOrEqual(TOLERANCE[figure]);
    });
  },
);
