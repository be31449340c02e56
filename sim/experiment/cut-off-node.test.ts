import { expect, it } from 'vitest';
import type { StoreEvent } from '../store/events.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

it('a node that no gateway reaches is suspect while it is, though it beats and nobody reads', {
  timeout: 60_000,
}, async () => {
  const scenario = smallScenario({
    duration: '16s',
    traffic: {
      rate: 100,
      keys: { count: 150, popularity: { kind: 'uniform' } },
      sizes: { kind: 'fixed', bytes: '8kb' },
      mix: { put: 1 },
    },
    faults: [{ kind: 'partition', target: 'role:gateway', other: ['data-2'], at: '1s', duration: '7s' }],
  });
  const told: string[] = [];
  const record = await runTrial(trialOf(variantOf(scenario, 'only'), 1), {
    onEvent: (_node, event) => {
      const said = event as StoreEvent;
      if (said.kind === 'node-state' && said.membership === 'active' && said.why !== '')
        told.push(`${said.node} ${said.liveness}: ${said.why}`);
    },
  });
  const states = told.filter((line) => /suspect|peers/.test(line));
  expect(states).toEqual(['data-2 suspect: 2 peers cannot reach it: gateway-1, gateway-2']);
  expect(told.at(-1)).toMatch(/^data-2 up/);
  expect(record.checks.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
});
