import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTraffic } from './open.ts';
import type { TrafficPlan } from './plan.ts';
import { type TrafficInput, trafficSchema } from './schema.ts';
import { drain, testStreams } from './testing.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'evenkeel-open-'));
  const lines = ['0 GET b 5', '100 PUT a 10', '200 GET a 10', '300 PUT a 30', '400 GET a 30', '999 DELETE b'];
  writeFileSync(join(root, 't.txt'), lines.map((line) => line.replace(/ (\w+) /, ' REST.$1.OBJECT ')).join('\n'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const open = (input: TrafficInput, durationMs?: number): Promise<TrafficPlan> =>
  openTraffic(trafficSchema.parse(input), { root, ...(durationMs === undefined ? {} : { durationMs }) });
const play = (plan: TrafficPlan) => drain(plan.source(testStreams('a')));

describe('a replayed trace', () => {
  it('plays its requests at their times, each object as large as it was last put', async () => {
    const plan = await open({ trace: 't.txt' });
    const requests = play(plan);
    expect(requests.map(({ atMs, op, key, sizeBytes }) => [atMs, op, key, sizeBytes])).toEqual([
      [0, 'get', 'b', 5],
      [100, 'put', 'a', 10],
      [200, 'get', 'a', 10],
      [300, 'put', 'a', 30],
      [400, 'get', 'a', 30],
      [999, 'delete', 'b', 5],
    ]);
    expect([...plan.keySpace]).toEqual([{ key: 'b', sizeBytes: 5 }]);
    expect(plan).toMatchObject({ durationMs: 1000, expectedRequests: 6, keyCount: 1 });
    expect(plan.describe()).toContain('t.txt (ibm-cos: 6 requests, 2 keys)');
  });

  it('plays faster, and over and over', async () => {
    const plan = await open({ trace: 't.txt', timeScale: 10, loops: 3 });
    const times = play(plan).map(({ atMs }) => atMs);
    expect(plan).toMatchObject({ durationMs: 300, expectedRequests: 18 });
    expect(times.slice(0, 7)).toEqual([0, 10, 20, 30, 40, 99.9, 100]);
    expect(times).toHaveLength(18);
  });

  it('ends with the scenario, and counts what it will play', async () => {
    const plan = await open({ trace: 't.txt', loops: 2 }, 1250);
    expect(play(plan)).toHaveLength(9);
    expect(plan).toMatchObject({ durationMs: 1250, expectedRequests: 9 });
  });

  it('plays a share', async () => {
    const plan = await open({ trace: 't.txt', loops: 1000, sample: 0.25 });
    expect(plan.expectedRequests).toBe(1500);
    expect(Math.abs(play(plan).length - 1500)).toBeLessThan(150);
  });

  it('can be played again', async () => {
    const plan = await open({ trace: 't.txt' });
    expect(play(plan)).toEqual(play(plan));
  });
});

describe('opening traffic', () => {
  it('refuses traffic without an end, and without a request', async () => {
    await expect(open({ rate: 1, keys: { count: 1 } })).rejects.toThrow(/traffic\.duration: missing/);
    await expect(open({ rate: 1, keys: { count: 1 } }, 10)).rejects.toThrow(
      /0\.01 requests are expected in 10 ms; accepted: 1 or more/,
    );
    await expect(open({ trace: 't.txt' }, 0)).rejects.toThrow(/0 requests are expected/);
  });

  it('refuses files that are not there', async () => {
    await expect(open({ trace: 'nope.log' })).rejects.toThrow('trace nope.log does not exist');
    await expect(open({ profile: './nope.json' })).rejects.toThrow('profile ./nope.json can not be read');
    await expect(open({ profile: 'nope' })).rejects.toThrow('there is no profile in scenarios/profiles');
    await expect(open({ trace: 'nope.log', elseProfile: './nope.json' })).rejects.toThrow('profile ./nope.json');
  });

  it('knows the committed profiles, and guesses what was meant', async () => {
    const spec = trafficSchema.parse({ profile: 'nasa-web-dya' });
    await expect(openTraffic(spec)).rejects.toThrow(
      /unknown \(did you mean nasa-web-day\?\); accepted: cloudphysics-vm, /,
    );
  });

  it('plays a profile where the trace is not at hand', async () => {
    const spec = trafficSchema.parse({ trace: 'nowhere.log', elseProfile: 'nasa-web-day', timeScale: 60, sample: 0.5 });
    const plan = await openTraffic(spec);
    expect(plan.describe()).toContain('profile nasa-web-day');
    expect(plan.expectedRequests).toBeCloseTo(30_969 / 2, 3);
    expect(plan.durationMs).toBeCloseTo(46_322_000 / 60, 3);
  });
});
