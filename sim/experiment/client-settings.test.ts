import { describe, expect, it } from 'vitest';
import { Kernel } from '../kernel/kernel.ts';
import { Cluster } from './cluster.ts';
import { scenarioSchema } from './scenario.ts';

function scenarioOf(cluster: object) {
  return scenarioSchema.parse({
    ...{ name: 'x', question: '?', hypothesis: '!', duration: '1s', variants: { one: {} } },
    cluster: { data: { count: 3 }, ...cluster },
    traffic: { rate: 1, keys: { count: 1 } },
  });
}

function configOf(cluster: object) {
  const made = new Cluster(new Kernel('x'), scenarioOf(cluster), () => {});
  made.world.start('client-1');
  return made.clients[0]?.config;
}

describe('what a scenario says of its clients', () => {
  it('is off by default, and leaves no trace in the scenario: its digest stays', () => {
    expect(configOf({})).toMatchObject({ cacheBytes: 0, staleWithinMs: 0, metadataReads: 'leader' });
    expect(configOf({})).not.toHaveProperty('hedge');
    expect(scenarioOf({}).cluster).not.toHaveProperty('client');
  });

  it('reaches them, in units that people write', () => {
    const client = { cacheBytes: '64mb', staleWithin: '2s', hedge: {}, retryBudget: { ratio: 0.02 }, reads: 'any' };
    expect(configOf({ client })).toMatchObject({
      ...{ cacheBytes: 64 * 1024 * 1024, staleWithinMs: 2_000, metadataReads: 'any' },
      hedge: { quantile: 0.95, maxExtra: 0.05 },
      retryBudget: { ratio: 0.02, burst: 10 },
    });
  });

  it('gives way to the settings of the component', () => {
    expect(configOf({ client: { cacheBytes: 5 }, settings: { client: { cacheBytes: 7 } } })).toMatchObject({
      cacheBytes: 7,
    });
  });

  it.each([
    [{ reads: 'some' }, /accepted: leader or any/],
    [{ cacheBytes: -1 }, /cacheBytes/],
    [{ hedge: { maxExtra: 2 } }, /found 2; accepted: a number from 0 to 1/],
    [{ cach: 1 }, /unknown field cach; accepted: cacheBytes, staleWithin/],
  ])('is refused where it makes no sense: %o', (client, message) => {
    expect(() => scenarioOf({ client })).toThrow(message);
  });
});
