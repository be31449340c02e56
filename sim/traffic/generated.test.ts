import { describe, expect, it } from 'vitest';
import { GeneratedPlan } from './generated.ts';
import type { TrafficRequest } from './request.ts';
import { type GeneratedSpec, generatedSchema } from './schema.ts';
import { drain, testStreams } from './testing.ts';

type Input = Parameters<typeof generatedSchema.parse>[0];

function specOf(input: object): GeneratedSpec {
  const base: Input = { rate: 1000, keys: { count: 500, popularity: { kind: 'uniform' } }, ...input };
  return generatedSchema.parse(base);
}

function play(input: object, durationMs = 20_000, seed = 'a'): TrafficRequest[] {
  return drain(new GeneratedPlan(specOf(input), durationMs, 7).source(testStreams(seed)));
}

const within = <T extends { readonly atMs: number }>(all: readonly T[], fromMs: number, untilMs: number): T[] =>
  all.filter((request) => request.atMs >= fromMs && request.atMs < untilMs);

describe('generated traffic', () => {
  it('comes as a Poisson process: counts per 100 ms have a variance equal to their mean', () => {
    const all = play({});
    const counts = new Array<number>(200).fill(0);
    for (const { atMs } of all) counts[Math.floor(atMs / 100)] = (counts[Math.floor(atMs / 100)] ?? 0) + 1;
    const mean = all.length / 200;
    const variance = counts.reduce((sum, count) => sum + (count - mean) * (count - mean), 0) / 199;
    // Standard deviations: 141 of the total of 20,000; 10 % of the dispersion of 200 counts.
    expect(Math.abs(all.length - 20_000)).toBeLessThan(4 * 141);
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.4);
  });

  it('comes at equal distances if asked', () => {
    const times = play({ arrivals: { kind: 'constant' } }, 100).map((request) => request.atMs);
    expect(times).toHaveLength(99);
    times.forEach((t, i) => {
      expect(t).toBeCloseTo(i + 1, 9);
    });
  });

  it('is sorted, ends in time, and stays ended', () => {
    const source = new GeneratedPlan(specOf({}), 500, 1).source(testStreams('a'));
    const all = drain(source);
    expect(all.every((request, i) => request.atMs >= (all[i - 1]?.atMs ?? 0) && request.atMs < 500)).toBe(true);
    expect(source.next()).toBeUndefined();
    expect(source.next()).toBeUndefined();
  });

  it('is the same for the same seeds, and another for others', () => {
    expect(play({}, 300)).toEqual(play({}, 300));
    expect(play({}, 300)).not.toEqual(play({}, 300, 'b'));
  });

  it('keeps arrivals, keys and clients when mix, sizes or phases of hot keys change', () => {
    const strip = ({ atMs, key, client }: TrafficRequest) => ({ atMs, key, client });
    const base = play({}, 1000).map(strip);
    const mix = play({ mix: { get: 1, put: 1 }, sizes: { kind: 'fixed', bytes: 5 } }, 1000).map(strip);
    const hot = play({ phases: [{ kind: 'hot-key', at: 500, share: 1 }] }, 1000).map(strip);
    expect(mix).toEqual(base);
    expect(within(hot, 0, 500)).toEqual(within(base, 0, 500));
    expect(hot.map(({ atMs }) => atMs)).toEqual(base.map(({ atMs }) => atMs));
  });

  it('draws each part from a stream of its own', () => {
    const mix = { get: 1, put: 1 };
    const poisson = play({ mix }, 1000);
    const constant = play({ mix, arrivals: { kind: 'constant' } }, 1000);
    const zipf = play({ mix, keys: { count: 500, popularity: { kind: 'zipf', exponent: 1 } } }, 1000);
    const common = Math.min(poisson.length, constant.length);
    const column = (all: TrafficRequest[], name: 'key' | 'op' | 'client') =>
      all.slice(0, common).map((request) => request[name]);
    for (const name of ['key', 'op', 'client'] as const) expect(column(constant, name)).toEqual(column(poisson, name));
    for (const name of ['op', 'client'] as const) expect(column(zipf, name)).toEqual(column(poisson, name));
  });

  it('draws operations by weight', () => {
    const all = play({ mix: { get: 70, put: 20, head: 5, delete: 5 } });
    const share = (op: string) => all.filter((request) => request.op === op).length / all.length;
    expect(share('get')).toBeCloseTo(0.7, 1);
    expect(share('put')).toBeCloseTo(0.2, 1);
    expect(Math.abs(share('delete') - 0.05)).toBeLessThan(0.01);
    expect(share('list')).toBe(0);
  });

  it('lists folders that exist', () => {
    const plan = new GeneratedPlan(specOf({ mix: { list: 1 } }), 200, 7);
    const keys = [...plan.keySpace].map(({ key }) => key);
    for (const { key, sizeBytes } of drain(plan.source(testStreams('a')))) {
      expect(key.endsWith('/')).toBe(true);
      expect(keys.some((name) => name.startsWith(key))).toBe(true);
      expect(sizeBytes).toBe(0);
    }
  });

  it('asks only for objects of its key space, by their one size', () => {
    const sizes = { kind: 'lognormal', medianBytes: '64kb', sigma: 1.5, maxBytes: '1mb' };
    const plan = new GeneratedPlan(specOf({ sizes, mix: { get: 1, put: 1 } }), 2000, 7);
    const stored = new Map([...plan.keySpace].map(({ key, sizeBytes }) => [key, sizeBytes]));
    expect(stored.size).toBe(plan.keyCount);
    for (const { key, sizeBytes } of drain(plan.source(testStreams('a')))) expect(stored.get(key)).toBe(sizeBytes);
  });

  it('has log-normal sizes: the median, and a share of 16 % above one sigma', () => {
    const sizes = { kind: 'lognormal', medianBytes: 10_000, sigma: 1 };
    const plan = new GeneratedPlan(specOf({ keys: { count: 20_000 }, sizes }), 1000, 7);
    const all = [...plan.keySpace].map(({ sizeBytes }) => sizeBytes).sort((a, b) => a - b);
    expect(Math.abs((all[10_000] ?? 0) / 10_000 - 1)).toBeLessThan(0.05);
    expect(all.filter((size) => size > 10_000 * Math.E).length / all.length).toBeCloseTo(0.1587, 1);
  });

  it('makes other keys hot, and other sizes, for another seed, out of the same names', () => {
    const names = (seed: number) => [...new GeneratedPlan(specOf({}), 1000, seed).keySpace].map(({ key }) => key);
    expect(names(1)).not.toEqual(names(2));
    expect(names(1).sort()).toEqual(names(2).sort());
  });

  it('plays a flash crowd: five times the rate, and 60 % of it for one key', () => {
    const crowd = { kind: 'flash-crowd', at: '5s', duration: '5s', rateFactor: 5, hotKey: { share: 0.6 } };
    const all = play({ phases: [crowd] });
    const during = within(all, 5000, 10_000);
    expect(Math.abs(during.length / 25_000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(within(all, 10_000, 15_000).length / 5000 - 1)).toBeLessThan(0.06);
    const hottest = (requests: readonly TrafficRequest[]) => {
      const counts = new Map<string, number>();
      for (const { key } of requests) counts.set(key, (counts.get(key) ?? 0) + 1);
      return Math.max(...counts.values()) / requests.length;
    };
    expect(hottest(within(all, 0, 5000))).toBeLessThan(0.01);
    expect(Math.abs(hottest(during) - 0.6)).toBeLessThan(0.02);
    expect(hottest(within(all, 10_000, 20_000))).toBeLessThan(0.01);
  });

  it('plays a ramp that stays up, and a step to an absolute rate', () => {
    const all = play({ phases: [{ kind: 'ramp', at: 0, duration: '10s', rateFactor: 3 }] });
    expect(Math.abs(within(all, 0, 10_000).length / 20_000 - 1)).toBeLessThan(0.03);
    expect(Math.abs(within(all, 10_000, 20_000).length / 30_000 - 1)).toBeLessThan(0.03);
    const step = play({ phases: [{ kind: 'step', at: '10s', rate: 200 }] });
    expect(Math.abs(within(step, 10_000, 20_000).length / 2000 - 1)).toBeLessThan(0.1);
  });
});
