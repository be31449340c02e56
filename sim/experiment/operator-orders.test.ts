import { describe, expect, it } from 'vitest';
import type { TimerHandler } from '../host.ts';
import type { MetadataReply, MetadataRequest } from '../store/messages/metadata.ts';
import type { MetadataHandler } from '../store/metadata/channel.ts';
import { type Console, OperatorOrders } from './operator-orders.ts';

const done: MetadataReply = { kind: 'admin.done', epoch: 1 };
const unknown: MetadataReply = { kind: 'metadata.unknown', detail: '' };
const refused: MetadataReply = { kind: 'admin.refused', detail: '' };

const drain: MetadataRequest = { kind: 'admin.drain', node: 'data-1', epoch: 'any' };
const undrain: MetadataRequest = { kind: 'admin.undrain', node: 'data-1', epoch: 'any' };
const member: MetadataRequest = { kind: 'admin.member', change: 'add', member: 'metadata-4', epoch: 'any' };

/** A console whose questions are answered, and whose timers fire, when a test says so. */
function stage() {
  const asked: { request: MetadataRequest; handler: MetadataHandler; tag: number }[] = [];
  const timers: { delayMs: number; handler: TimerHandler; tag: number }[] = [];
  const console: Console = {
    host: {
      clock: { nowMs: () => 0, wallMs: () => 0 },
      timers: {
        after: (delayMs, handler, tag) => timers.push({ delayMs, handler, tag }),
        cancel: () => false,
      },
    },
    metadata: { ask: (request, _, handler, tag) => asked.push({ request, handler, tag }) },
  };
  const cluster = { clients: [console], livingClients: [console] };
  return {
    /** What was asked for until now, in order. */
    kinds: () => asked.map(({ request }) => request.kind),
    order: (request: MetadataRequest, patience?: 'until accepted') => {
      const orders = new OperatorOrders(cluster);
      orders.give(request, patience);
      return orders;
    },
    answer: (position: number, reply: MetadataReply) => {
      const question = asked[position];
      question?.handler.onMetadata(question.tag, reply);
    },
    /** Fires all timers that are pending; gives their delays. */
    wait: () =>
      timers.splice(0).map(({ delayMs, handler, tag }) => {
        handler.onTimer(tag);
        return delayMs;
      }),
  };
}

describe("an operator's orders", () => {
  it('are given again until they are carried out or refused', () => {
    const { kinds, order, answer, wait } = stage();
    const orders = order(drain);
    answer(0, unknown);
    wait();
    answer(1, done);
    expect(orders.accepted).toBe(1);
    expect(wait()).toEqual([]);
    order(member);
    answer(2, refused);
    expect(wait()).toEqual([]);
    order(member, 'until accepted');
    answer(3, refused);
    expect(wait()).toHaveLength(1);
    expect(kinds()).toEqual(['admin.drain', 'admin.drain', 'admin.member', 'admin.member', 'admin.member']);
  });

  it('are given no more once a newer one is about the same', () => {
    const { kinds, order, answer, wait } = stage();
    order(drain);
    order(undrain);
    answer(1, done);
    answer(0, unknown);
    wait();
    expect(kinds().slice(2)).not.toContain('admin.drain');
  });

  it('are confirmed where they take back one that may still be on its way', () => {
    const { kinds, order, answer, wait } = stage();
    order(drain);
    const orders = order(undrain);
    answer(1, done);
    const [delayMs] = wait();
    expect(delayMs).toBeGreaterThan(10_000);
    expect(kinds()).toEqual(['admin.drain', 'admin.undrain', 'admin.undrain']);
    answer(2, done);
    expect(wait()).toEqual([]);
    expect(orders.accepted).toBe(1);
  });

  it('need somebody to give them', () => {
    expect(() => new OperatorOrders({ clients: [], livingClients: [] }).give(drain)).toThrow(
      'admin.drain: no client to give the order from',
    );
  });
});
