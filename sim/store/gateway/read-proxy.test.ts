import { describe, expect, it } from 'vitest';
import { getRequest, HOP_MS, mapOf, Rig, testBlock } from '../testdata/rig.ts';

const block = testBlock();
const ask = getRequest(block);

/** A rig where these data nodes have the block. */
function rigWith(holders: readonly number[], options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(options);
  for (const position of holders) rig.node(position).blocks.set(block.ref.id, block);
  return rig;
}

const errorOf = (rig: Rig, timeoutMs?: number) => {
  const reply = rig.ask(ask, timeoutMs);
  return reply.kind === 'gateway.error' ? reply.error : reply.kind;
};

describe('a read through the gateway', () => {
  it('is answered by one replica, with what it stores', () => {
    const rig = rigWith([1, 2, 3]);
    const reply = rig.ask(ask);
    expect(reply).toMatchObject({ kind: 'gateway.data', checksum: block.ref.checksum, attempts: 1, epoch: 1 });
    expect(reply.kind === 'gateway.data' && reply.body.bytes).toEqual(block.bytes);
    expect(rig.tried()).toHaveLength(1);
  });

  it('goes on to another replica, never twice to the same', () => {
    const rig = rigWith([3]);
    for (const position of [1, 2]) rig.node(position).script = () => rig.node(position).refusal('corrupt');
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.data', served: 'data-3' });
    expect(new Set(rig.tried()).size).toBe(rig.tried().length);
  });

  it('passes on what is left of the time, at most one attempt’s worth', () => {
    const rig = rigWith([1, 2, 3], { gateway: { attemptTimeoutMs: 100 } });
    const sentMs = rig.nowMs;
    rig.ask(ask, 40);
    rig.ask(ask, 1_000);
    const deadlines = rig.data.flatMap(({ deadlinesMs }) => deadlinesMs);
    expect(deadlines[0]).toBe(sentMs + 40);
    expect(deadlines[1]).toBe(sentMs + 4 * HOP_MS + HOP_MS + 100);
  });

  it('says absent only when every replica has said so', () => {
    expect(errorOf(rigWith([]))).toBe('absent');
    const corrupt = rigWith([]);
    corrupt.node(2).script = () => corrupt.node(2).refusal('corrupt');
    expect(errorOf(corrupt)).toBe('bad-gateway');
    expect(errorOf(rigWith([], { gateway: { maxAttempts: 2 } }))).toBe('bad-gateway');
  });

  it('asks replicas that are suspect when those that are up have nothing', () => {
    const rig = rigWith([3], { map: mapOf(3, { 'data-2': 'suspect', 'data-3': 'suspect' }) });
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.data', served: 'data-3' });
    expect(rig.tried()[0]).toBe('data-1');
  });

  it('asks gray replicas only when no other will do', () => {
    const { nodes } = mapOf(3);
    const gray = nodes.map((node) => (node.id === 'data-1' ? node : { ...node, gray: true }));
    const rig = rigWith([1, 2, 3], { map: { nodes: gray } });
    for (let i = 0; i < 10; i++) rig.ask(ask);
    expect(new Set(rig.tried())).toEqual(new Set(['data-1']));
    rig.world.crash('data-1', { mode: 'process' });
    for (let i = 0; i < 10; i++) expect(rig.ask(ask).kind).toBe('gateway.data');
    expect(rig.tried().filter((id) => id === 'data-1')).toHaveLength(11);
  });

  it('asks all replicas where none is thought to be up', () => {
    const map = mapOf(3, { 'data-1': 'down', 'data-2': 'suspect', 'data-3': 'down' });
    expect(rigWith([1, 2, 3], { map }).ask(ask).kind).toBe('gateway.data');
  });

  it('stops when its budget is spent, and retries at most that share', () => {
    const rig = rigWith([3], { gateway: { retryBudget: { ratio: 0.1, burst: 2 }, passiveHealth: { maxFails: 0 } } });
    for (const position of [1, 2]) rig.world.crash(`data-${position}`, { mode: 'process' });
    for (let i = 0; i < 100; i++) rig.ask(ask);
    const attempts = rig.eventsOf('attempt');
    const retries = attempts.filter(({ retry }) => retry).length;
    expect(attempts.length - retries).toBe(100);
    expect(retries).toBeGreaterThanOrEqual(10);
    expect(retries).toBeLessThanOrEqual(12);
  });

  it('tries another replica when one is slow, and blames the slow one', () => {
    const rig = rigWith([1, 2, 3], { gateway: { attemptTimeoutMs: 50 } });
    let first = true;
    for (const node of rig.data) {
      node.script = () => {
        const silent = first;
        first = false;
        return silent ? 'silent' : undefined;
      };
    }
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.data', attempts: 2 });
    expect(rig.eventsOf('attempt').map(({ outcome }) => outcome)).toEqual(['timeout', 'ok']);
  });

  it('does not blame a node for the little time that the caller had left', () => {
    const rig = rigWith([1, 2, 3], { gateway: { passiveHealth: { countTimeouts: true } } });
    for (const node of rig.data) node.script = () => 'silent';
    const answer = rig.send(ask, 20);
    rig.run(100);
    expect(answer.failure).toBe('timeout');
    expect(rig.eventsOf('attempt').map(({ outcome }) => outcome)).toEqual(['cancelled']);
  });

  it('cancels upstream when its caller gives up, and makes no further attempt', () => {
    const rig = rigWith([1, 2, 3]);
    for (const node of rig.data) node.script = () => 'silent';
    const answer = rig.send(ask);
    rig.run(5);
    rig.caller.network.cancel(answer.call);
    rig.run(5_000);
    expect(rig.data.reduce((sum, { aborts }) => sum + aborts, 0)).toBe(1);
    expect(rig.eventsOf('attempt')).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('gives a malformed request back at once', () => {
    const rig = rigWith([]);
    for (const node of rig.data) node.script = () => node.refusal('bad-request');
    expect(errorOf(rig)).toBe('bad-request');
    expect(rig.tried()).toHaveLength(1);
  });

  it('answers 503 with Retry-After when all replicas shed', () => {
    const rig = rigWith([], { gateway: { retryAfterMs: 70 } });
    for (const node of rig.data) node.script = () => node.refusal('overloaded');
    expect(rig.ask(ask)).toMatchObject({ error: 'overloaded', retryAfterMs: 70 });
  });

  it('answers 503 with Retry-After when nobody holds the partition', () => {
    const { partitions } = mapOf(3);
    const rig = rigWith([], { map: { partitions: partitions.map(() => ({ replicas: [], joining: [] })) } });
    expect(rig.ask(ask)).toMatchObject({ error: 'unavailable', retryAfterMs: 100, attempts: 0 });
  });

  it('finds a block that has moved at the cost of one refresh, however many ask', () => {
    const rig = rigWith([4], { nodes: 4 });
    const moved = ['data-4'];
    rig.changeMap({ partitions: mapOf(4).partitions.map(() => ({ replicas: moved, joining: [] })) });
    for (const node of rig.data) node.epoch = 2;
    const answers = Array.from({ length: 4 }, () => rig.send(ask));
    rig.run(100);
    expect(answers.map(({ reply }) => reply?.kind)).toEqual(Array(4).fill('gateway.data'));
    expect(rig.metadata.heardKinds().filter((kind) => kind === 'map.get')).toHaveLength(1);
  });

  it('does not call a block absent by a map that it knows to be old', () => {
    const rig = rigWith([]);
    for (const node of rig.data) node.epoch = 2;
    rig.metadata.script = () => 'silent';
    expect(errorOf(rig, 200)).toBe('unavailable');
  });

  it('leaves out a node that refused, until its time is over', () => {
    const rig = rigWith([1, 2, 3], { gateway: { passiveHealth: { failTimeoutMs: 1_000 } } });
    rig.world.crash('data-1', { mode: 'process' });
    for (let i = 0; i < 30; i++) expect(rig.ask(ask).kind).toBe('gateway.data');
    expect(rig.tried().filter((id) => id === 'data-1')).toHaveLength(1);
    rig.world.restart('data-1');
    rig.run(1_001);
    for (let i = 0; i < 6; i++) rig.ask(ask);
    expect(rig.tried().filter((id) => id === 'data-1').length).toBeGreaterThan(1);
  });
});
