import { describe, expect, it } from 'vitest';
import { seededStream } from '../balancer/seeded-stream.ts';
import { getRequest, Rig, testBlock } from '../testdata/rig.ts';
import { backoffMs } from './retry-backoff.ts';

describe('the pause before a retry', () => {
  it('is uniform below a ceiling that doubles, up to the most', () => {
    const random = seededStream(1);
    const means = [1, 2, 3, 4, 60].map((retry) => {
      const pauses = Array.from({ length: 4_000 }, () => backoffMs({ baseMs: 10, maxMs: 50 }, retry, random));
      expect(Math.max(...pauses)).toBeLessThan([10, 20, 40, 50, 50][Math.min(retry, 5) - 1] ?? 0);
      return pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length;
    });
    [5, 10, 20, 25, 25].forEach((mean, i) => {
      expect(Math.abs((means[i] ?? 0) - mean) / mean).toBeLessThan(0.05);
    });
  });

  it('is none, and draws nothing, with a base of 0', () => {
    const random = { ...seededStream(1), next: () => Number.NaN };
    expect(backoffMs({ baseMs: 0, maxMs: 50 }, 3, random)).toBe(0);
  });
});

describe('a read that pauses', () => {
  const block = testBlock();

  function pausing(maxMs: number): Rig {
    const rig = new Rig({ gateway: { retryBackoff: { baseMs: maxMs, maxMs } } });
    for (const node of rig.data) node.blocks.set('b1', block);
    let first = true;
    for (const node of rig.data)
      node.script = () => {
        const failing = first;
        first = false;
        return failing ? node.refusal('corrupt') : undefined;
      };
    return rig;
  }

  it('goes on afterwards', () => {
    const rig = pausing(50);
    const sentMs = rig.nowMs;
    expect(rig.ask(getRequest(block))).toMatchObject({ kind: 'gateway.data', attempts: 2 });
    expect(rig.nowMs - sentMs).toBeGreaterThan(6);
  });

  it('sends nothing more when its caller gives up meanwhile', () => {
    const rig = pausing(1_000);
    const answer = rig.send(getRequest(block), 5_000);
    rig.run(4);
    rig.caller.network.cancel(answer.call);
    rig.run(3_000);
    expect(rig.tried()).toHaveLength(1);
  });

  it('is over with its caller’s time', () => {
    const rig = pausing(100_000);
    const answer = rig.send(getRequest(block), 60);
    rig.run(200);
    expect(answer.endedMs - rig.nowMs).toBeLessThanOrEqual(-140);
    expect(rig.tried()).toHaveLength(1);
  });
});
