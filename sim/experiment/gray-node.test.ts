import { expect, it } from 'vitest';
import type { StoreEvent } from '../store/events.ts';
import { smallScenario, trialOf, variantOf } from './testdata/trials.ts';
import { runTrial } from './trial.ts';

it('a node whose disk becomes slow turns gray, is spared reads, and recovers', { timeout: 60_000 }, async () => {
  const scenario = smallScenario({
    duration: '26s',
    faults: [{ kind: 'slow-disk', target: 'data-2', factor: 20, at: '1s', duration: '9s' }],
  });
  let originMs = 0;
  const told: string[] = [];
  const reads = { ill: 0, gray: 0 };
  let gray = false;
  const record = await runTrial(trialOf(variantOf(scenario, 'only'), 1), {
    onStation: (station, { kernel }) => {
      if (station === 'filled') originMs = kernel.nowMs;
    },
    onEvent: (node, event, nowMs) => {
      const said = event as StoreEvent;
      if (said.kind === 'decision' && said.by === 'health') {
        gray = said.chose.startsWith('gray');
        told.push(`${said.subject} ${gray ? 'gray' : 'sound'}`);
      }
      const ill = originMs > 0 && nowMs > originMs + 1_000 && nowMs < originMs + 10_000;
      if (ill && said.kind === 'served' && said.op === 'read' && node === 'data-2') reads[gray ? 'gray' : 'ill'] += 1;
    },
  });
  expect(told).toEqual(['data-2 gray', 'data-2 sound']);
  expect(reads.ill).toBeGreaterThan(0);
  expect(reads.gray).toBeLessThan(reads.ill / 2);
  expect(record.checks.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
});
