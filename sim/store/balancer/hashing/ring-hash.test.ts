import { describe, expect, it } from 'vitest';
import { hashKey, partitionOfHash } from '../../hash.ts';
import type { Backend } from '../balancer.ts';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import { murmurRing } from './ring-hash.ts';
import { requestFor, tableOf } from './testdata/table.ts';

function build(table: readonly Backend[], options: unknown = {}) {
  const balancer = createBalancer('ring-hash', options, { random: seededStream(1), nowMs: () => 0 });
  balancer.update(table);
  return balancer;
}

const dataNodes = (count: number) => tableOf(Array.from({ length: count }, (_, i) => `data-${i}`));

describe('ring hash', () => {
  const keys = Array.from({ length: 2000 }, (_, i) => `object/${i}`);

  it('gives what an exhaustive walk around the ring gives', () => {
    const table = dataNodes(40);
    const balancer = build(table, { virtualNodes: 20 });
    const ring = murmurRing(table, 20);
    const clockwise = [...ring.points.keys()].map((position) => ({
      point: ring.points[position] ?? 0,
      owner: ring.owners[position] ?? 0,
    }));
    const draws = seededStream(3);
    for (const key of keys) {
      const eligible = table.filter(() => draws.below(10) === 0);
      if (eligible.length === 0) continue;
      const owns = ({ owner }: { owner: number }) => eligible.some(({ index }) => index === owner);
      const expected = clockwise.find((at) => at.point >= hashKey(key) && owns(at)) ?? clockwise.find(owns);
      expect(balancer.pick(eligible, requestFor(key)).index).toBe(expected?.owner);
    }
  });

  it('moves only the keys of a backend that drops out, and spreads them over the rest', () => {
    const table = dataNodes(8);
    const balancer = build(table);
    const rest = table.filter(({ index }) => index !== 3);
    const heirs = new Set<string>();
    for (const key of keys) {
      const before = balancer.pick(table, requestFor(key));
      const after = balancer.pick(rest, requestFor(key));
      if (before.index === 3) heirs.add(after.id);
      else expect(after).toBe(before);
    }
    expect(heirs.size).toBe(7);
  });

  it('does not depend on the order of the table', () => {
    const table = dataNodes(9);
    const ids = table.map(({ id }) => id).reverse();
    const reversed = tableOf(ids);
    const [one, other] = [build(table), build(reversed)];
    for (const key of keys) expect(other.pick(reversed, requestFor(key)).id).toBe(one.pick(table, requestFor(key)).id);
  });

  it('spreads the keys of one partition over its replicas', () => {
    const table = dataNodes(12);
    const balancer = build(table);
    const replicas = table.slice(0, 3);
    const counts = [0, 0, 0];
    const inPartition = Array.from({ length: 60_000 }, (_, i) => `object/${i}`).filter(
      (key) => partitionOfHash(hashKey(key), 64) === 5,
    );
    for (const key of inPartition) {
      const { index } = balancer.pick(replicas, requestFor(key));
      counts[index] = (counts[index] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(inPartition.length / 5);
  });

  // Shares are Dirichlet distributed: their relative standard deviation is √((n − 1) / (nv + 1)).
  it.each([
    [10, 160],
    [100, 40],
    [100, 160],
  ])('is as uneven as random points are: %i backends × %i points', (backends, virtualNodes) => {
    const arcs = new Float64Array(backends);
    const ring = murmurRing(dataNodes(backends), virtualNodes);
    ring.points.forEach((point, position) => {
      const previous =
        position === 0 ? (ring.points[ring.size - 1] ?? 0) - 0x100000000 : (ring.points[position - 1] ?? 0);
      const owner = ring.owners[position] ?? 0;
      arcs[owner] = (arcs[owner] ?? 0) + (point - previous) / 0x100000000;
    });
    expect(arcs.reduce((sum, arc) => sum + arc, 0)).toBeCloseTo(1, 9);
    const deviation = Math.sqrt(
      arcs.reduce((sum, arc) => sum + (arc * backends - 1) * (arc * backends - 1), 0) / backends,
    );
    const predicted = Math.sqrt((backends - 1) / (backends * virtualNodes + 1));
    expect(deviation / predicted).toBeGreaterThan(0.6);
    expect(deviation / predicted).toBeLessThan(1.4);
  });
});
