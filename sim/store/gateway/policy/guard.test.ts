import { describe, expect, it } from 'vitest';
import { getRequest, mapOf, putRequest, Rig, type RigOptions, testBlock } from '../../testdata/rig.ts';

const block = testBlock();

function rigWith(gateway: RigOptions['gateway'], options: RigOptions = {}): Rig {
  const rig = new Rig({ ...options, gateway: { passiveHealth: { maxFails: 0 }, ...gateway } });
  for (const node of rig.data) node.blocks.set('b1', block);
  return rig;
}

const shed = (rig: Rig, number: number) => {
  rig.node(number).script = () => rig.node(number).refusal('overloaded');
};
const decisions = (rig: Rig) => rig.eventsOf('decision').map(({ by, subject, chose }) => `${by}: ${chose} ${subject}`);

describe('the policies of a gateway', () => {
  it('eject whoever keeps failing, whatever the balancer, and take it back in time', () => {
    for (const name of ['round-robin', 'random', 'power-of-two', 'least-outstanding', 'ring-hash']) {
      const outlierEjection = { intervalMs: 100, baseEjectionMs: 1_000, maxEjectedShare: 0.4 };
      const rig = rigWith({ balancer: { name }, outlierEjection, retryBudget: { ratio: 1, burst: 100 } });
      shed(rig, 1);
      const asked = () => rig.node(1).heard.length;
      for (let i = 0; i < 60; i++) rig.ask({ ...getRequest(block), key: `k${i}` });
      expect(asked(), name).toBe(5);
      expect(decisions(rig), name).toEqual(['gateway-1/outlier-ejection: eject data-1']);
      rig.node(1).script = () => undefined;
      rig.run(1_200);
      for (let i = 0; i < 60; i++) rig.ask({ ...getRequest(block), key: `k${i}` });
      expect(asked(), name).toBeGreaterThan(10);
      expect(decisions(rig).at(-1), name).toBe('gateway-1/outlier-ejection: return data-1');
    }
  });

  it('refuse a read at once, with Retry-After, where all circuits are open', () => {
    const rig = rigWith({ circuitBreaker: { consecutiveFaults: 1 }, retryBudget: { ratio: 1, burst: 100 } });
    for (const number of [1, 2, 3]) shed(rig, number);
    rig.ask(getRequest(block));
    const heard = rig.data.map((node) => node.heard.length);
    expect(rig.ask(getRequest(block))).toMatchObject({ error: 'unavailable', attempts: 0, retryAfterMs: 100 });
    expect(rig.data.map((node) => node.heard.length)).toEqual(heard);
    for (const node of rig.data) node.script = () => undefined;
    rig.run(5_000);
    expect(rig.ask(getRequest(block)).kind).toBe('gateway.data');
  });

  it('leave an open circuit out of writes only as long as a quorum remains', () => {
    const rig = rigWith({ circuitBreaker: { consecutiveFaults: 1 } });
    for (const number of [1, 2]) shed(rig, number);
    expect(rig.ask(putRequest(testBlock('w1')))).toMatchObject({ error: 'overloaded' });
    for (const node of rig.data) {
      node.script = () => undefined;
      node.heard.length = 0;
    }
    expect(rig.ask(putRequest(testBlock('w2')))).toMatchObject({ kind: 'gateway.stored', attempts: 2 });
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([0, 1, 1]);
  });

  it('shed what is beyond the limit of every replica, reads and writes', () => {
    const rig = rigWith({ backendLimits: { maxRequests: 1 } });
    for (const node of rig.data) node.delayMs = 50;
    const reads = Array.from({ length: 4 }, () => rig.send(getRequest(block)));
    rig.run(5);
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([1, 1, 1]);
    expect(rig.ask(putRequest(testBlock('w1')))).toMatchObject({ error: 'overloaded', attempts: 0 });
    rig.run(100);
    const answers = reads.map(({ reply }) => reply?.kind);
    expect(answers.filter((kind) => kind === 'gateway.data')).toHaveLength(3);
    expect(reads.find(({ reply }) => reply?.kind === 'gateway.error')?.reply).toMatchObject({ error: 'overloaded' });
    expect(rig.ask(putRequest(testBlock('w1'))).kind).toBe('gateway.stored');
  });

  it('keep open retries to a node within their limit', () => {
    const rig = rigWith({
      balancer: { name: 'ring-hash' },
      backendLimits: { maxRequests: 100, maxRetries: 1 },
      retryBudget: { ratio: 1, burst: 100 },
    });
    for (const number of [1, 2, 3]) shed(rig, number);
    rig.ask(getRequest(block));
    const order = rig.tried();
    const second = rig.data.find(({ id }) => id === order[1]);
    if (second === undefined) throw new Error('nobody was tried second');
    second.script = () => undefined;
    second.delayMs = 20;
    second.heard.length = 0;
    for (let i = 0; i < 3; i++) rig.send(getRequest(block));
    rig.run(10);
    expect(second.heard).toHaveLength(1);
  });

  it('panic when too few are sound, and calm down again', () => {
    const map = mapOf(3, { 'data-1': 'suspect', 'data-2': 'down' });
    const rig = rigWith({ panicShare: 0.5 }, { map });
    for (let i = 0; i < 30; i++) rig.ask(getRequest(block));
    expect(new Set(rig.tried()).size).toBe(3);
    rig.changeMap({ nodes: mapOf(3, { 'data-1': 'suspect' }).nodes });
    rig.metadata.announce('gateway-1');
    rig.run(10);
    const before = rig.tried().length;
    for (let i = 0; i < 30; i++) rig.ask(getRequest(block));
    expect(rig.tried().slice(before)).not.toContain('data-1');
    expect(decisions(rig)).toEqual(['gateway-1/panic: sound data nodes']);
  });

  it('give a node that joins little at first: what balancers see is its weight', () => {
    const all = mapOf(4).partitions.map(() => ({ replicas: ['data-1', 'data-4'], joining: [] }));
    const two = mapOf(4).partitions.map(() => ({ replicas: ['data-1', 'data-2'], joining: [] }));
    const rig = rigWith(
      { balancer: { name: 'smooth-weighted-round-robin' }, slowStart: { windowMs: 10_000, minWeightShare: 0.25 } },
      { nodes: 4, map: { partitions: two, nodes: mapOf(3).nodes } },
    );
    rig.changeMap({ partitions: all, nodes: mapOf(4).nodes });
    rig.metadata.announce('gateway-1');
    rig.run(10);
    const share = () => {
      const before = rig.node(4).heard.length;
      for (let i = 0; i < 50; i++) rig.ask(getRequest(block));
      return rig.node(4).heard.length - before;
    };
    expect(share()).toBe(10);
    rig.run(10_000);
    expect(share()).toBe(25);
  });

  it('work together: who was left out starts slowly', () => {
    const rig = rigWith({ circuitBreaker: { consecutiveFaults: 1, openMs: 500, probes: 1 }, slowStart: {} });
    shed(rig, 1);
    for (let i = 0; i < 6; i++) rig.ask(getRequest(block));
    rig.node(1).script = () => undefined;
    rig.run(500);
    for (let i = 0; i < 6; i++) rig.ask(getRequest(block));
    expect(decisions(rig).map((decision) => decision.split('/')[1])).toEqual([
      'circuit-breaker: open data-1',
      'circuit-breaker: half-open data-1',
      'slow-start: slow-start data-1',
      'circuit-breaker: close data-1',
      'slow-start: slow-start data-1',
    ]);
  });

  it('change nothing where none is named', () => {
    const rig = rigWith({});
    shed(rig, 1);
    for (let i = 0; i < 60; i++) rig.ask(getRequest(block));
    expect(rig.tried().filter((id) => id === 'data-1').length).toBeGreaterThan(15);
    expect(decisions(rig)).toEqual([]);
  });
});
