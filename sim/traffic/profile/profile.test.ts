import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { operations } from '../request.ts';
import { profileTrafficSchema } from '../schema.ts';
import type { TrafficSource } from '../source.ts';
import { drain, sharedData, testStreams } from '../testing.ts';
import { lruHitRatio } from './lru.ts';
import { loadProfile, parseProfile, profileFile, serializeProfile } from './profile-file.ts';
import { ProfilePlan } from './profile-plan.ts';
import type { Profile } from './schema.ts';

const committed = [
  { name: 'nasa-web-day', trace: 'nasa-http-1995-08-01/nasa_19950801_pseudonymised.clf.log.gz' },
  { name: 'cloudphysics-vm', trace: 'cloudphysics/cloudPhysicsIO.csv.gz' },
  { name: 'mooncake-conversation', trace: 'mooncake-conversation/conversation_trace.jsonl.gz' },
] as const;

/** For tests that go over a whole trace, on a machine that is busy. */
const timeout = 60_000;

const textOf = (name: string) => readFileSync(`scenarios/profiles/${name}.json`, 'utf8');

function planOf(profile: Profile, settings: object = {}, limitMs = Infinity): ProfilePlan {
  return new ProfilePlan(profile, profileTrafficSchema.parse({ profile: profile.name, ...settings }), limitMs, 5);
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** What a source plays, in figures. */
function observe(source: TrafficSource, binMs = 1000) {
  const numbers = new Map<string, number>();
  const keys: number[] = [];
  const counts: number[] = [];
  const sizes: number[] = [];
  const bins: number[] = [];
  const ops = new Map<string, number>();
  for (let request = source.next(); request; request = source.next()) {
    const number = numbers.get(request.key) ?? numbers.size;
    numbers.set(request.key, number);
    keys.push(number);
    counts[number] = (counts[number] ?? 0) + 1;
    sizes[number] = request.sizeBytes;
    const bin = Math.floor(request.atMs / binMs);
    bins[bin] = (bins[bin] ?? 0) + 1;
    ops.set(request.op, (ops.get(request.op) ?? 0) + 1);
  }
  return { keys, counts: counts.sort((a, b) => b - a), sizes, bins, ops, count: keys.length };
}

/** Sums over ten equal parts. */
function tenths(bins: readonly number[]): number[] {
  const parts = new Array<number>(10).fill(0);
  bins.forEach((count, bin) => {
    const part = Math.floor((bin * 10) / bins.length);
    parts[part] = (parts[part] ?? 0) + count;
  });
  return parts;
}

describe.each(committed)('the profile $name', ({ name, trace }) => {
  it('is what the trace gives, byte for byte', { timeout }, async (context) => {
    const { source, licence } = parseProfile(textOf(name), name).provenance;
    const fitted = await profileFile(sharedData(context, trace), { name, source, licence });
    expect(serializeProfile(fitted)).toBe(textOf(name));
  });

  it('is at most 8 KB', () => {
    expect(textOf(name).length).toBeLessThan(8 * 1024);
  });

  it('plays like its trace', { timeout }, async () => {
    const profile = await loadProfile(name);
    const played = observe(planOf(profile).source(testStreams(name)), profile.rate.binMs);
    const { counts, count } = played;
    const { check } = profile;

    // Number of requests: within four standard deviations of Poisson's.
    expect(Math.abs(count - profile.requests)).toBeLessThan(4 * Math.sqrt(profile.requests));
    // Popularity: the share of the ten hottest within 0.005, of keys met once within 0.005, the number of keys within 0.5 %.
    expect(Math.abs(sum(counts.slice(0, 10)) / count - check.top10Share)).toBeLessThan(0.005);
    const once = counts.filter((found) => found === 1).length;
    expect(Math.abs(once / counts.length - check.onceShare)).toBeLessThan(0.005);
    expect(Math.abs(counts.length / profile.keys - 1)).toBeLessThan(0.005);
    // Temporal locality: the hit ratio of LRU within 0.04 at every size.
    for (const { objects, hitRatio } of check.lru) {
      expect(Math.abs(lruHitRatio(played.keys, objects) - hitRatio)).toBeLessThan(0.04);
    }
    // Operations: each share within 0.01.
    for (const op of operations) {
      expect(Math.abs((played.ops.get(op) ?? 0) / count - (check.mix[op] ?? 0) / profile.requests)).toBeLessThan(0.01);
    }
    // Sizes: the mean over objects within 5 %.
    expect(Math.abs(sum(played.sizes) / counts.length / check.meanBytes - 1)).toBeLessThan(0.05);
    // Rate: ten equal parts of the time each within 5 % of the recorded number, or within five standard deviations.
    const recorded = tenths(profile.rate.requests);
    tenths(profile.rate.requests.map((_, bin) => played.bins[bin] ?? 0)).forEach((found, i) => {
      const expected = recorded[i] ?? 0;
      expect(Math.abs(found - expected)).toBeLessThan(Math.max(0.05 * expected, 5 * Math.sqrt(expected)));
    });
  });
});

describe('a profile', () => {
  it('stores before what is read first, and nothing that is put first', async () => {
    const plan = planOf(await loadProfile('cloudphysics-vm'));
    const stored = new Map([...plan.keySpace].map(({ key, sizeBytes }) => [key, sizeBytes]));
    expect(stored.size).toBe(plan.keyCount);
    const met = new Set<string>();
    const source = plan.source(testStreams('a'));
    for (let request = source.next(); request; request = source.next()) {
      const { key, op, sizeBytes } = request;
      if (!met.has(key) && !stored.has(key) && op !== 'put') throw new Error(`${op} of ${key}, which is not there`);
      if ((stored.get(key) ?? sizeBytes) !== sizeBytes) throw new Error(`${key} has two sizes`);
      met.add(key);
    }
    // 17,464 of the trace's 48,974 blocks are read before they are written.
    expect(Math.abs(stored.size / 17_464 - 1)).toBeLessThan(0.03);
  });

  it('plays faster, at another rate, and only until the scenario ends', async () => {
    const profile = await loadProfile('nasa-web-day');
    const fast = planOf(profile, { timeScale: 60 });
    expect(fast.durationMs).toBeCloseTo(46_322_000 / 60, 6);
    expect(fast.expectedRequests).toBeCloseTo(30_969, 6);
    const busy = planOf(profile, { timeScale: 600, rate: 1000 });
    expect((busy.expectedRequests / busy.durationMs) * 1000).toBeCloseTo(1000, 6);
    // More than one pass: the keys stay, and so does the share of the hottest.
    const { counts, count } = observe(busy.source(testStreams('a')));
    expect(count).toBeGreaterThan(2 * 30_969);
    expect(counts).toHaveLength(2088);
    expect(sum(counts.slice(0, 10)) / count).toBeCloseTo(0.4384, 2);
    const short = planOf(profile, {}, 3_600_000);
    expect(short.durationMs).toBe(3_600_000);
    expect(drain(short.source(testStreams('a'))).every(({ atMs }) => atMs < 3_600_000)).toBe(true);
  });

  it('is drawn anew by another seed, and the same by the same', async () => {
    const profile = await loadProfile('nasa-web-day');
    const first = (seed: string) => drain(planOf(profile, {}, 600_000).source(testStreams(seed)));
    expect(first('a')).toEqual(first('a'));
    expect(first('a')).not.toEqual(first('b'));
  });

  it('bursts inside its bins as the trace does', async () => {
    const profile = await loadProfile('cloudphysics-vm');
    const { binMs, requests, burstiness } = profile.rate;
    // Excess variance of the seconds of a bin over the square of their mean, as the profile defines it.
    const measured = (played: Profile) => {
      const { bins: seconds } = observe(planOf(played).source(testStreams('a')));
      let excess = 0;
      let square = 0;
      for (let i = 0; i < profile.durationMs / 1000; i++) {
        const count = seconds[i] ?? 0;
        const mean = (requests[Math.floor((i * 1000) / binMs)] ?? 0) / (binMs / 1000);
        excess += (count - mean) * (count - mean) - mean;
        square += mean * mean;
      }
      return excess / square;
    };
    const smooth = { ...profile, rate: { ...profile.rate, burstiness: 0 } };
    expect(measured(smooth)).toBeLessThan(0.05);
    const bursty = measured(profile);
    expect(bursty / burstiness).toBeGreaterThan(0.6);
    expect(bursty / burstiness).toBeLessThan(1.6);
  });

  it('is refused with the field that is wrong', () => {
    const good = JSON.parse(textOf('nasa-web-day'));
    const refused = (change: object, message: RegExp) =>
      expect(() => parseProfile(JSON.stringify({ ...good, ...change }), 'p.json')).toThrow(message);
    expect(() => parseProfile('{', 'p.json')).toThrow('profile p.json is no JSON');
    refused({ keys: -1 }, /profile p\.json: keys: found -1; accepted: a whole number from 1/);
    refused({ extra: 1 }, /unknown field extra; accepted: kind, version/);
    refused({ keys: 2089 }, /popularity\.ranks: the last is not the number of keys/);
    refused({ requests: 5 }, /popularity\.upTo: the last is not the number of requests/);
    refused({ popularity: { ...good.popularity, counts: [1] } }, /popularity\.counts: accepted: as many counts/);
    refused({ classes: [{ ...good.classes[0], sizes: [1, 2] }] }, /classes\.0\.sizes: accepted: none, one number/);
    refused({ version: 2 }, /version/);
  });

  it('keeps its text through a round trip', async () => {
    for (const { name } of committed) expect(serializeProfile(await loadProfile(name))).toBe(textOf(name));
  });
});
