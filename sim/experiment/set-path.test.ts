import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSetting, withSetting } from './set-path.ts';

describe('parseSetting', () => {
  it.each([
    ['traffic.rate=2000', 'traffic.rate', 2000],
    ['cluster.balancer=ring-hash', 'cluster.balancer', 'ring-hash'],
    ['faults.0.target=zone:a', 'faults.0.target', 'zone:a'],
    ['faults=[]', 'faults', []],
    ['traffic.mix={"get":1}', 'traffic.mix', { get: 1 }],
    ['question=is 1=1?', 'question', 'is 1=1?'],
    ['baseline=', 'baseline', ''],
    [' duration =8s', 'duration', '8s'],
  ])('reads %s', (text, path, value) => {
    expect(parseSetting(text)).toEqual({ path, value });
  });

  it.each(['', 'traffic.rate', '=5', 'traffic..rate=5', '.rate=5', 'traffic.=5'])(
    'refuses %j, and shows the form',
    (text) => {
      expect(() => parseSetting(text)).toThrow(`--set: found '${text}'; accepted: path=value`);
    },
  );

  it('gives back any JSON value as it went in', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        expect(JSON.stringify(parseSetting(`a.b=${JSON.stringify(value)}`).value)).toBe(JSON.stringify(value));
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('withSetting', () => {
  const scenario = { traffic: { rate: 5, keys: { count: 2 } }, faults: [{ kind: 'crash' }, { kind: 'pause' }] };

  it('replaces one value and leaves the original as it was', () => {
    const before = structuredClone(scenario);
    expect(withSetting(scenario, { path: 'traffic.keys.count', value: 9 })).toEqual({
      ...scenario,
      traffic: { rate: 5, keys: { count: 9 } },
    });
    expect(scenario).toEqual(before);
  });

  it('reaches into lists by number, and adds one at the end', () => {
    expect(withSetting(scenario, { path: 'faults.1.kind', value: 'crash' })).toHaveProperty('faults.1.kind', 'crash');
    expect(withSetting(scenario, { path: 'faults.2', value: { kind: 'drain' } })).toHaveProperty(
      'faults.2.kind',
      'drain',
    );
    expect(scenario.faults).toHaveLength(2);
  });

  it('makes what is missing on the way', () => {
    expect(withSetting({}, { path: 'cluster.settings.metadata.leaseMs', value: 1 })).toEqual({
      cluster: { settings: { metadata: { leaseMs: 1 } } },
    });
  });

  it.each(['first', '-1', '4', '99999999999'])('refuses %s as the number of an item', (step) => {
    expect(() => withSetting(scenario, { path: `faults.${step}`, value: 0 })).toThrow(
      /--set: faults: found '.*'; accepted: the number of an item, 0 to 2/,
    );
  });

  it('keeps what it is given under a name that objects are born with', () => {
    expect(JSON.stringify(withSetting({}, { path: '__proto__.x', value: 1 }))).toBe('{"__proto__":{"x":1}}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
