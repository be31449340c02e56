import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../host.ts';
import { getRequest, putRequest, type Rig, testBlock } from '../testdata/rig.ts';
import { watched } from './testdata/watched.ts';

const block = testBlock();

/** Sends reads at once and says how each ended, in order. */
function flood(rig: Rig, to: NodeId, count: number): readonly string[] {
  const answers = Array.from({ length: count }, () => rig.send(getRequest(block), 2_000, to));
  rig.run(500);
  return answers.map(({ reply }) => (reply?.kind === 'gateway.error' ? reply.error : (reply?.kind ?? 'none')));
}

function holding(rig: Rig, delayMs = 0): void {
  for (const node of rig.data) {
    node.blocks.set('b1', block);
    node.delayMs = delayMs;
  }
}

describe('the layer max-per-client', () => {
  it('sheds what one client has too much, and forgets it when that has ended', () => {
    const { rig, id } = watched({ middleware: ['max-per-client'], maxInFlightPerClient: 2 });
    holding(rig, 20);
    expect(flood(rig, id, 3)).toEqual(['gateway.data', 'gateway.data', 'overloaded']);
    expect(flood(rig, id, 2)).toEqual(['gateway.data', 'gateway.data']);
  });

  it('counts each client by itself', () => {
    const { rig, id } = watched({ middleware: ['max-per-client'], maxInFlightPerClient: 2 });
    holding(rig, 20);
    const others = rig.client;
    expect(others).toBeDefined();
    const mine = rig.send(getRequest(block), 2_000, id);
    rig.run(5);
    expect(flood(rig, id, 2)).toEqual(['gateway.data', 'overloaded']);
    expect(mine.reply?.kind).toBe('gateway.data');
  });
});

describe('the layer max-body', () => {
  it('refuses a block beyond its limit before any data node hears of it', () => {
    const { rig, id } = watched({ middleware: ['max-body'], maxBodyBytes: 100 });
    const answers = [100, 101].map((bytes) => rig.send(putRequest(testBlock(`w${bytes}`, bytes)), 2_000, id));
    rig.run(50);
    expect(answers.map(({ reply }) => reply?.kind)).toEqual(['gateway.stored', 'gateway.error']);
    expect(answers[1]?.reply).toMatchObject({ error: 'bad-request', attempts: 0 });
    expect(rig.data.map(({ heard }) => heard.length)).toEqual([1, 1, 1]);
  });
});

describe('the layer deadline', () => {
  it('refuses what leaves no more time than the margin, and keeps the margin back from data nodes', () => {
    const { rig, id } = watched({ deadlineMarginMs: 10 });
    holding(rig);
    // One hop is gone on arrival.
    const answers = [11, 14].map((timeoutMs) => rig.send(getRequest(block), timeoutMs, id));
    const deadlineMs = rig.nowMs + 14;
    rig.run(50);
    expect(answers.map(({ reply }) => reply?.kind)).toEqual(['gateway.error', 'gateway.data']);
    expect(answers[0]?.reply).toMatchObject({ error: 'timeout', attempts: 0 });
    expect(rig.data.flatMap(({ deadlinesMs }) => deadlinesMs)).toEqual([deadlineMs - 10]);
  });

  it('lets a caller hear of a time-out before its own time is over', () => {
    const { rig, id } = watched({ deadlineMarginMs: 10 });
    for (const node of rig.data) node.script = () => 'silent';
    const answer = rig.send(getRequest(block), 100, id);
    rig.run(200);
    expect(answer.reply).toMatchObject({ error: 'timeout', attempts: 1 });
  });
});

describe('the access log', () => {
  it('keeps one of so many requests, the latest ones, with what became of them', () => {
    const { rig, id, view } = watched({
      middleware: ['access-log', 'deadline'],
      accessLog: { everyNth: 2, entries: 2 },
    });
    holding(rig);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      rig.send({ ...getRequest(key === 'f' ? testBlock('none') : block), key }, 2_000, id);
      rig.run(20);
    }
    expect(view.accessLog()).toMatchObject([
      { from: 'caller', request: 'get', key: 'd', blockId: 'b1', outcome: 'ok', attempts: 1, latencyMs: 2 },
      { key: 'f', blockId: 'none', outcome: 'absent', served: undefined, attempts: 3 },
    ]);
    expect(view.accessLog()[0]?.served).toMatch(/^data-[123]$/);
  });

  it('is empty without its layer', () => {
    const { rig, id, view } = watched({});
    flood(rig, id, 3);
    expect(view.accessLog()).toEqual([]);
  });
});

describe('the figures of a gateway', () => {
  it('tell requests, answers, attempts and retries apart', () => {
    const { rig, id, view } = watched({ maxInFlight: 4 });
    for (const number of [2, 3]) rig.node(number).blocks.set('b1', block);
    rig.node(1).script = () => rig.node(1).refusal('corrupt');
    expect(flood(rig, id, 6).filter((end) => end === 'overloaded')).toHaveLength(2);
    rig.node(1).script = () => undefined;
    rig.send(putRequest(testBlock('w1')), 2_000, id);
    rig.caller.network.call(id, { kind: 'nonsense' }, 100, rig.send(getRequest(block), 100, id), 0);
    rig.run(100);
    const { metrics } = view;
    expect(metrics).toMatchObject({ requests: 8, data: 5, stored: 1, sheds: 2 });
    expect(metrics.errors).toMatchObject({ overloaded: 2, 'bad-request': 1, absent: 0 });
    expect(metrics.retries).toBeGreaterThan(0);
    expect(metrics.attempts).toBe(rig.eventsOf('attempt').length);
    expect(metrics.retries).toBe(rig.eventsOf('attempt').filter(({ retry }) => retry).length);
  });
});
