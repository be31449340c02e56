import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getRequest, mapOf, putRequest, Rig, testBlock } from '../testdata/rig.ts';
import { mostAttempts } from './attempt-limit.ts';

const block = testBlock();

describe('the most attempts a request may take', () => {
  it.each([
    [3, 3, 6],
    [2, 3, 4],
    [9, 3, 6],
  ])('a read with at most %i attempts among %i replicas: %i', (maxAttempts, replicas, most) => {
    expect(mostAttempts('gateway.get', { maxAttempts }, replicas)).toBe(most);
  });

  it('is reached by a read that finds nothing by an old map nor by the new one', () => {
    const rig = new Rig({ gateway: { retryBudget: { ratio: 1, burst: 100 } } });
    rig.changeMap({});
    for (const node of rig.data) node.epoch = 2;
    expect(rig.ask(getRequest(block))).toMatchObject({
      error: 'absent',
      attempts: mostAttempts('gateway.get', { maxAttempts: 3 }, 3),
    });
  });

  it('is reached by a write that is fenced off twice', () => {
    const rig = new Rig({ gateway: { retryBudget: { ratio: 1, burst: 100 } } });
    rig.changeMap({});
    for (const node of rig.data) node.epoch = 9;
    const answer = rig.send(putRequest(block));
    rig.run(10);
    rig.changeMap({ epoch: 9 });
    for (const node of rig.data) node.script = () => node.refusal('stale-epoch');
    rig.metadata.announce('gateway-1');
    rig.run(2_000);
    expect(answer.reply).toMatchObject({ attempts: mostAttempts('gateway.put', { maxAttempts: 3 }, 3) });
  });

  it('is never passed, whatever the data nodes answer', () => {
    const answers = fc.array(fc.constantFrom('absent', 'corrupt', 'stale-epoch', 'overloaded', 'fenced', 'silent'), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 4 }), fc.boolean(), (script, maxAttempts, isRead) => {
        const rig = new Rig({
          map: mapOf(3, { 'data-2': 'suspect' }),
          gateway: { maxAttempts, attemptTimeoutMs: 20, writeTimeoutMs: 20, retryBudget: { ratio: 1, burst: 100 } },
        });
        const left = [...script];
        rig.changeMap({});
        for (const node of rig.data) {
          node.epoch = 2;
          node.script = () => {
            const next = left.pop() ?? 'silent';
            return next === 'silent' ? 'silent' : node.refusal(next);
          };
        }
        rig.ask(isRead ? getRequest(block) : putRequest(block));
        const most = mostAttempts(isRead ? 'gateway.get' : 'gateway.put', { maxAttempts }, 3);
        expect(rig.tried().length).toBeLessThanOrEqual(most);
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});
