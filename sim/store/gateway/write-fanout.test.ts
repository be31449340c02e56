import { describe, expect, it } from 'vitest';
import { mapOf, putRequest, Rig, testBlock } from '../testdata/rig.ts';

const block = testBlock();
const ask = putRequest(block);
const { partitions } = mapOf(3);

function withJoining(joining: readonly string[]) {
  return { partitions: partitions.map(({ replicas }) => ({ replicas, joining })) };
}

describe('a write through the gateway', () => {
  it('reaches all replicas and is answered when W of them have it', () => {
    const rig = new Rig();
    rig.node(3).delayMs = 500;
    const sentMs = rig.nowMs;
    const answer = rig.send(ask);
    rig.run(100);
    expect(answer.reply).toMatchObject({ kind: 'gateway.stored', acked: ['data-1', 'data-2'] });
    expect(answer.endedMs).toBe(sentMs + 4);
    rig.run(1_000);
    expect(rig.data.every(({ blocks }) => blocks.has('b1'))).toBe(true);
  });

  it('confirms stragglers to metadata, long enough after its answer for the commit to come first', () => {
    const rig = new Rig({ gateway: { confirmEveryMs: 300 } });
    rig.node(3).delayMs = 20;
    rig.ask(ask);
    rig.run(290);
    expect(rig.metadata.confirmed).toEqual([]);
    rig.run(400);
    expect(rig.metadata.confirmed).toEqual(['b1 on data-3']);
  });

  it('gives a straggler that comes just before the next report the same time', () => {
    const rig = new Rig({ gateway: { confirmEveryMs: 300 } });
    rig.node(3).delayMs = 20;
    rig.ask(ask);
    rig.run(280);
    rig.ask(putRequest(testBlock('b2')));
    rig.run(100);
    expect(rig.metadata.confirmed).toEqual([]);
    rig.run(300);
    expect(rig.metadata.confirmed).toEqual(['b1 on data-3', 'b2 on data-3']);
  });

  it('does not hold back a straggler that has taken its time', () => {
    const rig = new Rig({ gateway: { confirmEveryMs: 300 } });
    rig.node(3).delayMs = 400;
    rig.ask(ask);
    rig.run(400 + 310);
    expect(rig.metadata.confirmed).toEqual(['b1 on data-3']);
  });

  it('confirms nothing of a write that failed', () => {
    const rig = new Rig({ gateway: { confirmEveryMs: 10 } });
    for (const position of [1, 2]) rig.node(position).script = () => rig.node(position).refusal('no-space');
    rig.node(3).delayMs = 20;
    expect(rig.ask(ask)).toMatchObject({ error: 'no-space', retryAfterMs: undefined });
    rig.run(1_000);
    expect(rig.metadata.confirmed).toEqual([]);
  });

  it('writes to joining nodes too, and neither counts nor misses them', () => {
    const rig = new Rig({ nodes: 5, map: withJoining(['data-4', 'data-5']) });
    for (const position of [1, 2, 3]) rig.node(position).delayMs = 50;
    const sentMs = rig.nowMs;
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.stored' });
    expect(rig.nowMs - sentMs).toBe(54);
    expect([4, 5].every((position) => rig.node(position).blocks.has('b1'))).toBe(true);
  });

  it('is refused when the replicas have failed, though a joining node succeeds last', () => {
    const rig = new Rig({ nodes: 4, map: withJoining(['data-4']) });
    for (const position of [2, 3]) rig.node(position).script = () => rig.node(position).refusal('no-space');
    rig.node(4).delayMs = 50;
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.error', error: 'no-space' });
  });

  it('is refused at once, with Retry-After, when fewer than W replicas are not down', () => {
    const rig = new Rig({ map: mapOf(3, { 'data-1': 'down', 'data-2': 'down' }) });
    expect(rig.ask(ask)).toMatchObject({ error: 'unavailable', retryAfterMs: 100, attempts: 0 });
    expect(rig.node(3).heard).toEqual([]);
  });

  it('leaves nodes alone that take no more data, and is refused where too few others are left', () => {
    const fullFrom = (first: number) =>
      mapOf(3).nodes.map((node, i) => (i + 1 >= first ? { ...node, fullness: 'read-only' as const } : node));
    const rig = new Rig({ map: { nodes: fullFrom(3) } });
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.stored', acked: ['data-1', 'data-2'], attempts: 2 });
    expect(rig.node(3).heard).toEqual([]);
    rig.changeMap({ nodes: fullFrom(2) });
    rig.metadata.announce('gateway-1');
    rig.run(10);
    expect(rig.ask(ask)).toMatchObject({ error: 'no-space', attempts: 0, retryAfterMs: undefined });
  });

  it('is sent to no replica twice by one map, however they fail', () => {
    const rig = new Rig({ gateway: { retryBudget: { ratio: 1, burst: 100 } } });
    for (const node of rig.data) node.script = () => node.refusal('overloaded');
    expect(rig.ask(ask)).toMatchObject({ error: 'overloaded' });
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([1, 1, 1]);
  });

  it('fails with a time-out when too few replicas answer in time', () => {
    const rig = new Rig({ gateway: { writeTimeoutMs: 100 } });
    for (const position of [1, 2]) rig.node(position).script = () => 'silent';
    expect(rig.ask(ask)).toMatchObject({ error: 'timeout' });
  });

  it('passes on what is left of the time', () => {
    const rig = new Rig();
    const deadlineMs = rig.nowMs + 50;
    rig.send(ask, 50);
    rig.run(100);
    expect(rig.data.flatMap(({ deadlinesMs }) => deadlinesMs)).toEqual([deadlineMs, deadlineMs, deadlineMs]);
  });

  it('goes out once more by the new map when it was fenced off, after one refresh for all', () => {
    const rig = new Rig();
    rig.changeMap({});
    for (const node of rig.data) node.epoch = 2;
    const answers = ['b1', 'b2', 'b3'].map((id) => rig.send(putRequest(testBlock(id))));
    rig.run(100);
    expect(answers.map(({ reply }) => reply?.kind)).toEqual(Array(3).fill('gateway.stored'));
    expect(rig.metadata.heardKinds().filter((kind) => kind === 'map.get')).toHaveLength(1);
    expect(rig.eventsOf('attempt').filter(({ retry }) => retry)).toHaveLength(9);
  });

  it('goes by a newer map at once if that came while it was on its way', () => {
    const rig = new Rig();
    for (const node of rig.data) {
      node.epoch = 2;
      node.delayMs = 20;
    }
    const sentMs = rig.nowMs;
    const answer = rig.send(ask);
    rig.run(3);
    rig.changeMap({});
    rig.metadata.announce('gateway-1');
    rig.run(200);
    expect(answer.reply?.kind).toBe('gateway.stored');
    expect(answer.endedMs - sentMs).toBe(2 + 2 * 22);
  });

  it('does not send it again to those that have it, and counts them', () => {
    const rig = new Rig({ gateway: { writeQuorum: 3 } });
    rig.changeMap({});
    rig.node(3).epoch = 2;
    rig.node(3).delayMs = 5;
    expect(rig.ask(ask)).toMatchObject({ kind: 'gateway.stored', attempts: 4 });
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([1, 1, 2]);
  });

  it('is refused, with Retry-After, when no newer map comes', () => {
    const rig = new Rig();
    for (const node of rig.data) node.epoch = 2;
    rig.metadata.script = () => 'silent';
    expect(rig.ask(ask, 300)).toMatchObject({ error: 'unavailable', retryAfterMs: 100 });
  });

  it('cancels upstream when its caller gives up', () => {
    const rig = new Rig();
    for (const node of rig.data) node.script = () => 'silent';
    const answer = rig.send(ask);
    rig.run(5);
    rig.caller.network.cancel(answer.call);
    rig.run(5);
    expect(rig.data.map(({ aborts }) => aborts)).toEqual([1, 1, 1]);
    expect(rig.eventsOf('attempt').map(({ outcome }) => outcome)).toEqual(Array(3).fill('cancelled'));
  });

  it('blames those that were silent for long when its caller gives up', () => {
    const rig = new Rig({ gateway: { overdueMs: 300 } });
    for (const position of [1, 3]) rig.node(position).script = () => 'silent';
    const answer = rig.send(ask);
    rig.run(400);
    rig.caller.network.cancel(answer.call);
    rig.run(5);
    const ended = rig.eventsOf('attempt').map(({ backend, outcome }) => `${backend} ${outcome}`);
    expect(ended).toEqual(['data-2 ok', 'data-1 timeout', 'data-3 timeout']);
  });

  it('stops waiting for a map when its caller gives up', () => {
    const rig = new Rig();
    for (const node of rig.data) node.epoch = 2;
    rig.metadata.script = () => 'silent';
    const answer = rig.send(ask);
    rig.run(10);
    rig.caller.network.cancel(answer.call);
    rig.run(10);
    rig.changeMap({});
    rig.metadata.script = () => undefined;
    rig.run(30_000);
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([1, 1, 1]);
  });
});
