import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { convergenceMs } from './convergence-time.ts';
import { type ScenarioInput, scenarioSchema } from './scenario.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

const PATIENCE_MS = 60_000;

/** Two of six nodes, and what metadata decided about them. */
async function lose(target: readonly string[], metadata: Record<string, unknown> = {}) {
  const scenario: ScenarioInput = smallScenario({
    duration: '4s',
    faults: [{ kind: 'crash', target: [...target], at: '1s', mode: 'machine' }],
    cluster: { ...smallScenario().cluster, data: { count: 6 }, settings: { metadata } },
  });
  const why = new Set<string>();
  const record = await runTrial(trialOf(variantOf(scenario, 'only'), 1), {
    onEvent: (_node, event) => {
      const told = event as StoreEvent;
      if (told.kind === 'decision' && told.by === 'replacement') why.add(`${told.chose}: ${told.why}`);
    },
  });
  return { record, why: [...why] };
}

function convergence({ checks }: RunRecord) {
  return checks.find(({ id }) => id === 'I8');
}

describe('nodes that are lost for good', { timeout: PATIENCE_MS }, () => {
  it('are given up after the time that metadata waits for them, and all is whole again', async () => {
    const { record, why } = await lose(['data-1', 'data-2']);
    expect(why).toEqual(['rebuild its replicas elsewhere: down for 60 s']);
    expect(convergence(record)?.verdict).toBe('held');
    expect(record.checks.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
  });

  it('are not given up by themselves where they are a whole zone, which is said', async () => {
    const { why } = await lose(['data-1', 'data-4'], { replaceAfterMs: 10_000 });
    expect(why).toEqual(['wait: all 2 nodes of zone a are down']);
  });

  it('add the wait for them to the time in which the store must be whole', () => {
    const timeFor = (changes: Partial<ScenarioInput>) => convergenceMs(scenarioSchema.parse(smallScenario(changes)));
    const crash = { kind: 'crash', target: 'data-1', at: '1s' };
    expect(timeFor({})).toBe(30_000);
    expect(timeFor({ faults: [{ ...crash, duration: '1s' }] })).toBe(30_000);
    expect(timeFor({ faults: [crash] })).toBe(125_000);
    const settings = { metadata: { downAfterMs: 6_000, replaceAfterMs: 20_000 } };
    expect(timeFor({ faults: [crash], cluster: { data: { count: 6 }, settings } })).toBe(86_000);
  });
});
