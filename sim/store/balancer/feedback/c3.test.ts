import { describe, expect, it } from 'vitest';
import type { Backend, Balancer } from '../balancer.ts';
import { balancerOf, picksOf, REQUEST, tableOf } from '../testdata/test-backends.ts';

/** An answer that says what it says and took so long. */
function answer(balancer: Balancer, backend: Backend | undefined, inFlight: number, serviceMs: number, tookMs: number) {
  if (backend === undefined) throw new Error('no such backend');
  balancer.onFeedback?.(backend, { kind: 'answer', inFlight, serviceMs });
  balancer.onDone(backend, 'ok', tookMs);
}

const plain = { smoothing: 1, rateControl: false };

describe('c3', () => {
  it('ranks by R − 1/μ + q³/μ', () => {
    const table = tableOf([1, 1]);
    const balancer = balancerOf('c3', plain, table);
    // 1 + 1³ × 4 = 5 against 2 + (1 + 1)³ × 1 = 10.
    answer(balancer, table[0], 0, 4, 5);
    answer(balancer, table[1], 1, 1, 3);
    expect(new Set(picksOf(balancer, table, 20))).toEqual(new Set([0]));
    // An answer that says 0 in flight: 2 + 1³ × 1 = 3.
    answer(balancer, table[1], 0, 1, 3);
    expect(new Set(picksOf(balancer, table, 20))).toEqual(new Set([1]));
  });

  it.each([
    { gateways: 'one, as told', options: { clients: 1 }, seat: undefined, expected: 0 },
    { gateways: 'two, as told', options: { clients: 2 }, seat: undefined, expected: 1 },
    { gateways: 'the only one', options: {}, seat: undefined, expected: 0 },
    { gateways: 'two, as known', options: {}, seat: { zone: 'a', position: 0, zones: ['a', 'b'] }, expected: 1 },
  ])('counts a request in flight once for each gateway: $gateways', ({ options, seat, expected }) => {
    const table = tableOf([1, 1]);
    const [busy] = table;
    const context = seat === undefined ? {} : { seat };
    const balancer = balancerOf('c3', { ...plain, ...options }, table, context);
    answer(balancer, table[0], 0, 1, 1);
    answer(balancer, table[1], 0, 20, 20);
    if (busy !== undefined) busy.inFlight = 1;
    // (1 + 1)³ = 8 or (1 + 2)³ = 27 against 20.
    expect(new Set(picksOf(balancer, table, 20))).toEqual(new Set([expected]));
  });

  it('smooths by nine parts of the newest and one of what was', () => {
    const table = tableOf([1, 1]);
    const balancer = balancerOf('c3', { rateControl: false }, table);
    answer(balancer, table[0], 0, 100, 100);
    answer(balancer, table[0], 0, 10, 10);
    // 0.9 × 10 + 0.1 × 90 = 18.
    answer(balancer, table[1], 0, 17.9 / 0.9, 17.9 / 0.9);
    expect(new Set(picksOf(balancer, table, 20))).toEqual(new Set([1]));
    answer(balancer, table[1], 0, 18.2, 18.2);
    expect(new Set(picksOf(balancer, table, 20))).toEqual(new Set([0]));
  });

  it('tries those that it knows nothing of, each at times', () => {
    const table = tableOf([1, 1, 1]);
    const balancer = balancerOf('c3', plain, table);
    expect(new Set(picksOf(balancer, table, 60)).size).toBe(3);
    answer(balancer, table[0], 0, 1, 1);
    expect(new Set(picksOf(balancer, table, 60))).toEqual(new Set([1, 2]));
  });

  it('passes over the best when it was sent more than it answered', () => {
    const table = tableOf([1, 1]);
    const balancer = balancerOf('c3', { smoothing: 1 }, table);
    answer(balancer, table[0], 0, 1, 1);
    answer(balancer, table[1], 0, 50, 50);
    const picks = picksOf(balancer, table, 20);
    expect(picks.slice(0, 10)).toEqual(new Array(10).fill(0));
    expect(picks.slice(10)).toEqual(new Array(10).fill(1));
  });

  it('forgets nobody who stays, and everybody who leaves', () => {
    const table = tableOf([1, 1]);
    const [a, b] = table;
    if (a === undefined || b === undefined) throw new Error('no table');
    const balancer = balancerOf('c3', plain, table);
    answer(balancer, a, 0, 5, 5);
    answer(balancer, b, 0, 1, 1);
    const swapped = [
      { ...b, index: 0 },
      { ...a, index: 1 },
    ];
    balancer.update(swapped);
    expect(balancer.pick(swapped, REQUEST).id).toBe(b.id);
    balancer.update([{ ...b, index: 0 }]);
    balancer.update(swapped);
    expect(balancer.pick(swapped, REQUEST).id).toBe(a.id);
  });
});
