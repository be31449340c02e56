import { describe, expect, it } from 'vitest';
import { meanTimeInSystem } from '../testdata/supermarket.ts';
import { balancerOf, picksOf, REQUEST, tableOf } from '../testdata/test-backends.ts';

const timeOf = (name: string, options: unknown, load: number) =>
  meanTimeInSystem(name, options, { servers: 100, load, customers: 150_000, seed: 2 });

describe('mean time in the system of 100 servers', () => {
  // Mitzenmacher, IEEE TPDS 12 (2001), simulated with 100 queues; for the shortest of all, an independent simulation.
  it.each([
    { name: 'power-of-d', options: { d: 2 }, load: 0.9, published: 2.6454 },
    { name: 'power-of-d', options: { d: 3 }, load: 0.9, published: 2.0614 },
    { name: 'power-of-d', options: { d: 5 }, load: 0.9, published: 1.6714 },
    { name: 'join-shortest-queue', options: {}, load: 0.7, published: 1.0002 },
    { name: 'join-shortest-queue', options: {}, load: 0.9, published: 1.0653 },
  ])('$name $options at load $load', ({ name, options, load, published }) => {
    expect(Math.abs(timeOf(name, options, load) / published - 1)).toBeLessThan(0.03);
  });

  it('join-idle-queue: nobody waits while half are idle, and near load 1 it stands between one choice and all', () => {
    // Stolyar (2015): waiting vanishes below load 1/2 as servers get many.
    expect(Math.abs(timeOf('join-idle-queue', {}, 0.5) - 1)).toBeLessThan(0.01);
    const crowded = timeOf('join-idle-queue', {}, 0.95);
    expect(crowded).toBeGreaterThan(1.2);
    expect(crowded).toBeLessThan(1.4);
  });
});

describe('power of d', () => {
  it('knows all where there are no more than d', () => {
    const table = tableOf([1, 1, 1]);
    table.forEach((backend, place) => {
      backend.inFlight = 3 - place;
    });
    expect(new Set(picksOf(balancerOf('power-of-d', { d: 8 }, table), table, 50))).toEqual(new Set([2]));
  });
});

describe('join the shortest queue', () => {
  it('draws between equals, whatever their weight', () => {
    const table = tableOf([1, 9, 1, 1]);
    for (const place of [0, 1, 3]) {
      const backend = table[place];
      if (backend !== undefined) backend.inFlight = 4;
    }
    const crowd = table[2];
    if (crowd !== undefined) crowd.inFlight = 5;
    const counts = [0, 0, 0, 0];
    for (const place of picksOf(balancerOf('join-shortest-queue', {}, table), table, 9000))
      counts[place] = (counts[place] ?? 0) + 1;
    expect(counts[2]).toBe(0);
    for (const place of [0, 1, 3]) expect(Math.abs((counts[place] ?? 0) - 3000)).toBeLessThan(200);
  });
});

describe('join the idle queue', () => {
  it('picks who has been idle longest, then draws', () => {
    const table = tableOf([1, 1, 1]);
    const balancer = balancerOf('join-idle-queue', {}, table);
    const send = () => {
      const backend = table[balancer.pick(table, REQUEST).index];
      if (backend !== undefined) backend.inFlight++;
      return backend?.index;
    };
    const finish = (place: number) => {
      const backend = table[place];
      if (backend === undefined) return;
      backend.inFlight--;
      balancer.onDone(backend, 'ok', 1);
    };
    expect([send(), send(), send()]).toEqual([0, 1, 2]);
    for (const place of [2, 0, 1]) finish(place);
    expect([send(), send(), send()]).toEqual([2, 0, 1]);
    // Nobody is idle: each is drawn at times.
    expect(new Set(Array.from({ length: 50 }, () => balancer.pick(table, REQUEST).index)).size).toBe(3);
  });

  it('does not take for idle who still works for another gateway', () => {
    const table = tableOf([1, 1]);
    const [first, second] = table;
    if (first === undefined || second === undefined) throw new Error('no table');
    const balancer = balancerOf('join-idle-queue', {}, table);
    balancer.pick(table, REQUEST);
    balancer.pick(table, REQUEST);
    balancer.onFeedback?.(first, { kind: 'answer', inFlight: 2, serviceMs: 1 });
    balancer.onDone(first, 'ok', 1);
    balancer.onFeedback?.(second, { kind: 'answer', inFlight: 0, serviceMs: 1 });
    balancer.onDone(second, 'ok', 1);
    expect(balancer.pick(table, REQUEST)).toBe(second);
  });
});
