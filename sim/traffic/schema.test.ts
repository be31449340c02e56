import { describe, expect, it } from 'vitest';
import { trafficSchema } from './schema.ts';

const good = { rate: 100, keys: { count: 1000 } };

function complaints(input: unknown): string {
  const issues = trafficSchema.safeParse(input).error?.issues ?? [];
  return issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n');
}

describe('the traffic of a scenario', () => {
  it('needs a rate and a number of keys, and has defaults for the rest', () => {
    expect(trafficSchema.parse(good)).toEqual({
      rate: 100,
      arrivals: { kind: 'poisson' },
      keys: { count: 1000, popularity: { kind: 'zipf', exponent: 0.99 }, prefix: 'object/' },
      sizes: { kind: 'fixed', bytes: 65_536 },
      mix: { get: 1 },
      phases: [],
      clients: 1000,
    });
  });

  it('is a trace or a profile if it names one', () => {
    expect(trafficSchema.parse({ trace: 'a.log' })).toMatchObject({
      trace: 'a.log',
      timeScale: 1,
      loops: 1,
      sample: 1,
    });
    expect(trafficSchema.parse({ profile: 'web', duration: '1m' })).toMatchObject({ profile: 'web', duration: 60_000 });
  });

  it.each([
    [{ ...good, rate: -1 }, 'rate: found -1; accepted: a number above 0'],
    [{ keys: { count: 1 } }, 'rate: missing; accepted: a number above 0'],
    [{ ...good, rte: 5 }, /: unknown field rte; accepted: rate, arrivals, keys/],
    [{ ...good, keys: { count: 0 } }, /keys\.count: found 0; accepted: a whole number from 1/],
    [{ ...good, keys: { count: 5, popularity: { kind: 'zpf' } } }, 'found kind "zpf"; accepted kinds: zipf, uniform'],
    [
      { ...good, sizes: { kind: 'lognormal', medianBytes: '5x', sigma: 1 } },
      /sizes\.medianBytes: found "5x"; accepted: bytes/,
    ],
    [
      { ...good, sizes: { kind: 'lognormal', medianBytes: 5, sigma: 1, minBytes: 9, maxBytes: 8 } },
      /minBytes: is above maxBytes/,
    ],
    [{ ...good, mix: { get: 0 } }, 'mix: all weights are 0; accepted: at least one above 0'],
    [{ ...good, mix: { gte: 1 } }, /mix: unknown field gte; accepted: get, put/],
    [
      { ...good, phases: [{ kind: 'step', at: 0 }] },
      /phases\.0\.rateFactor: accepted: exactly one of rateFactor and rate/,
    ],
    [
      { ...good, phases: [{ kind: 'hot-key', at: 0, share: 1.1 }] },
      'phases.0.share: found 1.1; accepted: a number from 0 to 1',
    ],
    [{ trace: 'x', timeScale: 0 }, 'timeScale: found 0; accepted: a number above 0'],
    [{ trace: 'x', profile: 'y' }, /: unknown field profile; accepted: trace/],
    [{ profile: '' }, 'profile: found ""; accepted: a text that is not empty'],
    [7, /: found 7; accepted: \{ rate, keys/],
  ])('refuses %o', (input, message) => {
    expect(complaints(input)).toMatch(message);
  });
});
