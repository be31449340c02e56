import { describe, expect, it } from 'vitest';
import { type ScenarioInput, scenarioSchema } from './scenario.ts';
import { withSetting } from './set-path.ts';
import { smallScenario } from './testdata/trials.ts';
import { checkScenario } from './validate.ts';

/** The complaint about the small scenario with one path set to another value. */
function complaint(path: string, value: unknown, base: ScenarioInput = smallScenario()): string {
  const scenario = scenarioSchema.parse(withSetting(base, { path, value }));
  try {
    checkScenario('here.ts', scenario);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'none';
}

describe('a scenario that makes sense field by field, but not as a whole', () => {
  it('passes where it does make sense', () => {
    expect(complaint('seeds', 3)).toBe('none');
  });

  it.each([
    ['cluster.replication', 7, 'cluster.replication: found 7; accepted: at most cluster.data.count, 6'],
    ['cluster.writeQuorum', 4, 'cluster.writeQuorum: found 4; accepted: at most cluster.replication, 3'],
    ['cluster.partitions', 48, 'cluster.partitions: found 48; accepted: a power of two up to 65536'],
    ['cluster.partitions', 131_072, 'cluster.partitions: found 131072; accepted: a power of two up to 65536'],
    ['cluster.zones', ['a', 'b', 'a'], 'cluster.zones: found a name twice in a, b, a; accepted: distinct names'],
    [
      'cluster.data.overrides',
      { 'data-66': { weight: 2 } },
      "cluster.data.overrides: found 'data-66'; accepted: data-1 to data-6, did you mean 'data-6'?",
    ],
    [
      'cluster.data.overrides',
      { 'data-1': { zone: 'z' } },
      "cluster.data.overrides.data-1.zone: found 'z'; accepted: a, b, c, did you mean 'a'?",
    ],
    ['warmup', '3s', 'warmup: found 3000 ms; accepted: less than duration, 3000 ms'],
    ['baseline', 'onyl', "baseline: found 'onyl'; accepted: only, did you mean 'only'?"],
    [
      'faults',
      [{ kind: 'crash', target: 'data-1', at: '3s' }],
      'faults.0.at: found 3000 ms; accepted: before the end, 3000 ms',
    ],
    [
      'faults',
      [{ kind: 'crash', target: 'data-1', at: 'soon' }],
      "faults.0.at: found \"soon\"; accepted: ms from 0, or a text such as '250ms', '10s', '1m'",
    ],
    [
      'faults',
      [{ kind: 'crash', target: 'data-1' }],
      "faults.0.at: missing; accepted: ms from 0, or a text such as '250ms', '10s', '1m'",
    ],
    [
      'faults',
      [{ kind: 'pause', target: 'data-1', at: 0, duration: -1 }],
      "faults.0.duration: found -1; accepted: ms from 0, or a text such as '250ms', '10s', '1m'",
    ],
    [
      'faults',
      [{ kind: 'crush', target: 'data-1', at: 1 }],
      'faults.0.kind: unknown fault kind "crush"; did you mean "crash"?',
    ],
  ])('%s = %j', (path, value, mistake) => {
    expect(complaint(path, value)).toBe(`UserError: here.ts: ${mistake}`);
  });

  it('gives one line for each mistake', () => {
    const both = smallScenario({ warmup: '9s', baseline: 'none' });
    expect(complaint('cluster.writeQuorum', 4, both).split('\n')).toHaveLength(3);
  });

  it('takes nodes on standby for nodes', () => {
    const base = smallScenario({ cluster: { data: { count: 6, standby: 1 } } });
    expect(complaint('cluster.data.overrides', { 'data-7': { weight: 2 } }, base)).toBe('none');
  });
});
