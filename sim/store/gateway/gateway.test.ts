import { describe, expect, it } from 'vitest';
import type { Message } from '../../host.ts';
import { getRequest, mapOf, putRequest, Rig, testBlock } from '../testdata/rig.ts';
import { gatewayConfigSchema } from './config.ts';
import { gateway } from './gateway.ts';

const block = testBlock();

function configured(change: Readonly<Record<string, unknown>>) {
  const result = gatewayConfigSchema.safeParse({
    metadata: ['metadata-1'],
    zone: 'a',
    balancer: { name: 'random' },
    ...change,
  });
  const [issue] = result.error?.issues ?? [];
  return issue === undefined ? '' : `${issue.path.join('.')}: ${issue.message}`;
}

describe('a gateway', () => {
  it('refuses calls until it has a map', () => {
    const rig = new Rig();
    rig.metadata.script = () => 'silent';
    rig.world.crash('gateway-1', { mode: 'process' });
    rig.world.restart('gateway-1');
    const early = rig.send(getRequest(block));
    rig.run(100);
    expect(early.failure).toBe('refused');
    rig.metadata.script = () => undefined;
    rig.run(6_000);
    expect(rig.ask(getRequest(block)).kind).toBe('gateway.error');
  });

  it.each<Message>([
    { kind: 'block.read' },
    { ...getRequest(testBlock('b1', 4, 8)) },
    { ...getRequest(testBlock('b1', 4, -1)) },
    { ...putRequest(testBlock('b1', 4, 0.5)) },
  ])('answers a malformed request without asking anybody: %o', (request) => {
    const rig = new Rig();
    const answer = rig.send(getRequest(block));
    rig.run(50);
    const before = rig.data.reduce((sum, { heard }) => sum + heard.length, 0);
    rig.caller.network.call('gateway-1', request, 1_000, answer, 0);
    rig.run(50);
    expect(answer.reply).toMatchObject({ error: 'bad-request' });
    expect(rig.data.reduce((sum, { heard }) => sum + heard.length, 0)).toBe(before);
  });

  it('sheds what comes beyond its limit with 503 and Retry-After, and serves again when there is room', () => {
    const rig = new Rig({ gateway: { maxInFlight: 2, retryAfterMs: 50 } });
    for (const node of rig.data) {
      node.blocks.set('b1', block);
      node.delayMs = 20;
    }
    const answers = Array.from({ length: 5 }, () => rig.send(getRequest(block)));
    rig.run(100);
    const shed = answers.filter(({ reply }) => reply?.kind === 'gateway.error');
    expect(shed).toHaveLength(3);
    expect(shed[0]?.reply).toMatchObject({ error: 'overloaded', retryAfterMs: 50 });
    expect(rig.ask(getRequest(block)).kind).toBe('gateway.data');
  });

  it('counts a request in progress no longer once it was aborted, timed out or failed', () => {
    const rig = new Rig({ gateway: { maxInFlight: 1, attemptTimeoutMs: 30, writeTimeoutMs: 30 } });
    for (const node of rig.data) node.script = () => 'silent';
    for (const request of [getRequest(block), putRequest(block)]) {
      const aborted = rig.send(request);
      rig.run(5);
      rig.caller.network.cancel(aborted.call);
      rig.run(5);
      expect(rig.ask(request)).toMatchObject({ error: 'timeout' });
      rig.send(request, 10);
      rig.run(200);
    }
    for (const node of rig.data) node.script = () => undefined;
    expect(rig.ask(putRequest(block)).kind).toBe('gateway.stored');
  });

  it('has no request open anywhere once all were answered, however they ended', () => {
    const balancer = { name: 'least-outstanding' };
    const rig = new Rig({
      gateway: { balancer, attemptTimeoutMs: 20, writeTimeoutMs: 20, passiveHealth: { maxFails: 0 } },
    });
    for (const node of rig.data) node.blocks.set('b1', block);
    rig.node(1).script = () => 'silent';
    rig.node(2).script = () => rig.node(2).refusal('overloaded');
    for (let i = 0; i < 20; i++) {
      rig.send(i % 2 === 0 ? getRequest(block) : putRequest(block), 15 + i);
      rig.run(7);
    }
    rig.run(1_000);
    for (const node of rig.data) {
      node.script = () => undefined;
      node.heard.length = 0;
    }
    // Were a count left over, least-outstanding would keep away from that node.
    for (let i = 0; i < 30; i++) rig.ask(getRequest(block));
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([10, 10, 10]);
  });

  it('counts writes in progress, and no longer once they ended', () => {
    const partitions = mapOf(4).partitions.map((entry, partition) =>
      partition === 1 ? { replicas: ['data-2', 'data-3', 'data-4'], joining: [] } : entry,
    );
    const rig = new Rig({ nodes: 4, map: { partitions }, gateway: { balancer: { name: 'least-outstanding' } } });
    for (const node of rig.data) node.blocks.set('b1', block);
    const reads = () => rig.eventsOf('attempt').flatMap(({ partition, backend }) => (partition === 0 ? [backend] : []));
    for (const node of rig.data) node.delayMs = 30;
    for (let i = 0; i < 6; i++) rig.send(putRequest(testBlock(`w${i}`, 40, 1)));
    rig.run(5);
    for (let i = 0; i < 6; i++) rig.send(getRequest(block));
    rig.run(200);
    expect(reads()).toEqual(Array(6).fill('data-1'));
    for (let i = 0; i < 6; i++) rig.ask(getRequest(block));
    expect(new Set(reads().slice(6)).size).toBe(3);
  });

  it('takes over a new map when it is told of one, and follows nodes that join', () => {
    const rig = new Rig({ nodes: 4 });
    rig.node(4).blocks.set('b1', block);
    rig.changeMap({ partitions: mapOf(4).partitions.map(() => ({ replicas: ['data-4'], joining: [] })) });
    rig.metadata.announce('gateway-1');
    rig.run(10);
    expect(rig.ask(getRequest(block))).toMatchObject({ kind: 'gateway.data', served: 'data-4', epoch: 2 });
  });

  it('tells of each map that it goes by, and how it came to know of it', () => {
    const rig = new Rig();
    const seen = () => rig.eventsOf('map-seen').map(({ epoch, via }) => `${epoch} by ${via}`);
    rig.changeMap({});
    rig.metadata.announce('gateway-1');
    rig.run(10);
    expect(seen()).toEqual(['2 by push']);
    rig.changeMap({});
    for (const node of rig.data) node.epoch = 3;
    rig.ask(putRequest(block));
    expect(seen().slice(1)).toEqual(['3 by stale-answer']);
    rig.changeMap({});
    rig.run(10_000);
    expect(seen().slice(2)).toEqual(['4 by refresh']);
    rig.run(20_000);
    expect(seen()).toHaveLength(3);
  });

  it('cannot start with a write quorum above the replication of the map', () => {
    expect(() => new Rig({ gateway: { writeQuorum: 4 } })).toThrow(
      'writeQuorum: found 4, accepted: at most the replication of the map, 3',
    );
  });
});

describe('the settings of a gateway', () => {
  it.each([
    [
      { middleware: ['deadlin'] },
      "middleware.0: found 'deadlin', accepted: access-log, deadline, max-body, max-per-client, max-in-flight, adaptive-concurrency; did you mean 'deadline'?",
    ],
    [{ middleware: ['constructor'] }, "middleware.0: found 'constructor', accepted: access-log, deadline"],
    [{ middleware: ['deadline', 'deadline'] }, "middleware.1: found 'deadline' twice, accepted: each layer once"],
    [{ attemptTimeoutMs: 0 }, 'attemptTimeoutMs'],
    [{ attemptTimeoutMs: Number.NaN }, 'attemptTimeoutMs'],
    [{ writeQuorum: 0 }, 'writeQuorum'],
    [{ retryBudget: { ratio: 1.5 } }, 'retryBudget.ratio'],
    [{ passiveHealth: { maxFails: -1 } }, 'passiveHealth.maxFails'],
    [{ maxInflight: 3 }, 'maxInflight'],
    [{ outlierEjection: { maxEjectedShare: 1.1 } }, 'outlierEjection.maxEjectedShare'],
    [{ circuitBreaker: { minimumCalls: 101 } }, 'circuitBreaker.minimumCalls: accepted: at most windowCalls'],
    [{ circuitBreaker: { openMs: 0 } }, 'circuitBreaker.openMs'],
    [{ slowStart: { minWeightShare: 0 } }, 'slowStart.minWeightShare'],
    [{ backendLimits: { maxRequests: 0 } }, 'backendLimits.maxRequests'],
    [{ panicShare: Number.NaN }, 'panicShare'],
    [{ adaptiveConcurrency: { minLimit: 5, maxLimit: 4 } }, 'adaptiveConcurrency.minLimit: accepted: at most maxLimit'],
    [{ accessLog: { everyNth: 0 } }, 'accessLog.everyNth'],
    [{ retryBackoff: { baseMs: -1 } }, 'retryBackoff.baseMs'],
  ])('refuse %o', (change, message) => {
    expect(configured(change)).toContain(message);
  });

  it.each([
    [{ name: 'round-robbin' }, 'did you mean "round-robin"?'],
    [{ name: 'ring-hash', options: { virtualNodes: 1 } }, 'virtualNodes'],
    [{ name: 'random', options: { seed: 1 } }, 'options: found "seed"'],
  ])('refuse the balancer %o before anything starts', (balancer, message) => {
    const config = gatewayConfigSchema.parse({ metadata: ['metadata-1'], zone: 'a', balancer });
    expect(() => gateway(config)).toThrow(message);
  });
});
