import { describe, expect, it } from 'vitest';
import type { HealthReport } from '../messages/metadata.ts';
import { getRequest, putRequest, Rig, testBlock } from '../testdata/rig.ts';

const block = testBlock();

function reportsOf(rig: Rig): HealthReport[] {
  return rig.metadata.heard.flatMap((request) => (request.kind === 'health.report' ? [request] : []));
}

describe('the health report', () => {
  it('tells metadata once an interval how each node did, while there is traffic', () => {
    const rig = new Rig();
    for (const node of rig.data) node.blocks.set('b1', block);
    rig.node(2).delayMs = 8;
    for (let i = 0; i < 9; i++) rig.ask(getRequest(block));
    rig.ask(putRequest(testBlock('w1')));
    rig.run(1_100);
    const [report, ...others] = reportsOf(rig);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ windowMs: 1_000, gets: 9 });
    expect(report?.nodes).toEqual([
      { node: 'data-1', attempts: 4, failures: 0, timeouts: 0, p50Ms: 2 },
      { node: 'data-2', attempts: 4, failures: 0, timeouts: 0, p50Ms: 10 },
      { node: 'data-3', attempts: 4, failures: 0, timeouts: 0, p50Ms: 2 },
    ]);
    expect(Math.abs((report?.getP99Ms ?? 0) - 10)).toBeLessThan(1);
    rig.run(60_000);
    expect(reportsOf(rig)).toHaveLength(1);
    rig.ask(getRequest(block));
    rig.run(1_100);
    expect(reportsOf(rig)[1]).toMatchObject({ gets: 1, nodes: [{ attempts: 1 }] });
  });

  it('counts a node’s faults and time-outs, not what it answered rightly or a caller gave up', () => {
    const rig = new Rig({ gateway: { attemptTimeoutMs: 50, passiveHealth: { maxFails: 0 } } });
    rig.node(1).script = () => 'silent';
    rig.node(2).script = () => rig.node(2).refusal('corrupt');
    rig.ask(getRequest(block));
    rig.send(getRequest(block), 3);
    rig.run(1_100);
    expect(reportsOf(rig)[0]?.nodes).toEqual([
      { node: 'data-1', attempts: 1, failures: 1, timeouts: 1, p50Ms: 0 },
      { node: 'data-2', attempts: 1, failures: 1, timeouts: 0, p50Ms: 0 },
      { node: 'data-3', attempts: 1, failures: 0, timeouts: 0, p50Ms: 0 },
    ]);
    expect(reportsOf(rig)[0]).toMatchObject({ gets: 0, getP99Ms: undefined });
  });

  it.each([
    ['a write', () => putRequest(testBlock('w1'))],
    ['a read', () => getRequest(block)],
  ])(
    'counts a node that was silent until the time of %s was over, if it had long enough to answer',
    (_what, request) => {
      const gateway = { attemptTimeoutMs: 3_000, overdueMs: 500 };
      const silent = (timeoutMs: number) => {
        const rig = new Rig({ gateway });
        for (const node of rig.data) node.script = () => 'silent';
        rig.send(request(), timeoutMs);
        rig.run(timeoutMs + 1_100);
        return reportsOf(rig).flatMap(({ nodes }) => nodes);
      };
      const counted = silent(900);
      expect(counted.length).toBeGreaterThan(0);
      expect(counted.every(({ attempts, failures, timeouts }) => attempts + failures + timeouts === 3)).toBe(true);
      expect(silent(400)).toEqual([]);
    },
  );

  it('counts stragglers that stay out for good, though the writes are well', () => {
    const rig = new Rig();
    rig.node(3).script = () => 'silent';
    expect(rig.ask(putRequest(testBlock('w1')), 1_500)).toMatchObject({ kind: 'gateway.stored' });
    rig.run(3_000);
    expect(reportsOf(rig).map(({ nodes }) => nodes)).toEqual([
      [
        { node: 'data-1', attempts: 1, failures: 0, timeouts: 0, p50Ms: 0 },
        { node: 'data-2', attempts: 1, failures: 0, timeouts: 0, p50Ms: 0 },
      ],
      [{ node: 'data-3', attempts: 1, failures: 1, timeouts: 1, p50Ms: 0 }],
    ]);
  });
});
