import { describe, expect, it } from 'vitest';
import { hashKey, partitionOfHash, writeUtf8 } from '../hash.ts';
import { HashRing } from '../placement/hash-ring.ts';
import type { Backend } from './balancer.ts';
import { md5 } from './md5.ts';
import { createBalancer } from './registry.ts';
import { ringPoints } from './ring-points.ts';
import { seededStream } from './seeded-stream.ts';
import ketama from './testdata/ketama.json' with { type: 'json' };

function tableOf(ids: readonly string[], weights: readonly number[] = []): Backend[] {
  return ids.map((id, index) => ({ id, index, zone: 'z', weight: weights[index] ?? 1, inFlight: 0 }));
}

function build(table: readonly Backend[], options: unknown = {}) {
  const balancer = createBalancer('ring-hash', options, { random: seededStream(1), nowMs: () => 0 });
  balancer.update(table);
  return balancer;
}

const requestFor = (key: string) => ({ key, keyHash: hashKey(key) });
const dataNodes = (count: number) => tableOf(Array.from({ length: count }, (_, i) => `data-${i}`));

describe('md5', () => {
  it.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ])('RFC 1321, appendix A.5: %j', (text, expected) => {
    const bytes = new Uint8Array(256);
    const digest = new Uint32Array(4);
    md5(bytes, writeUtf8(text, bytes), digest);
    const hex = [...new Uint8Array(digest.buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(hex).toBe(expected);
  });
});

describe.each(ketama.cases)('libketama: $name', ({ servers, continuum, lookups }) => {
  const table = tableOf(
    servers.map(([address]) => String(address)),
    servers.map(([, weight]) => Number(weight)),
  );
  const totalWeight = table.reduce((sum, { weight }) => sum + weight, 0);
  const ring = new HashRing(table, (backend) =>
    ringPoints.ketama.pointsOf(backend, { backends: table.length, totalWeight }, 160),
  );

  it('has every point of the continuum', () => {
    expect(Array.from(ring.points, (point, position) => [point, ring.owners[position]])).toEqual(continuum);
  });

  it('finds the published point of a key', () => {
    const found = lookups.map((_, key) => {
      const hash = ringPoints.ketama.keyPoint(requestFor(String(key)));
      const position = ring.successor(hash);
      return [hash, ring.points[position], ring.owners[position]];
    });
    expect(found).toEqual(lookups);
  });

  it('sends a key there', () => {
    const balancer = build(table, { hash: 'ketama' });
    const picked = lookups.map((_, key) => balancer.pick(table, requestFor(String(key))).index);
    expect(picked).toEqual(lookups.map(([, , owner]) => owner));
  });
});

describe('libketama: single precision', () => {
  // From `floorf(pct * 40.0 * (float)n)` with `float pct`, compiled by gcc: exact arithmetic has 160 for each, double
  // precision 156 for each of seven.
  it.each([
    [6, 160],
    [7, 160],
    [60, 160],
    [61, 156],
  ])('of %i equal servers, each has %i points', (servers, points) => {
    const [first] = dataNodes(servers);
    const table = { backends: servers, totalWeight: servers };
    const found = first === undefined ? [] : [...ringPoints.ketama.pointsOf(first, table, 160)];
    expect(found).toHaveLength(points);
  });
});

describe('ring hash', () => {
  const keys = Array.from({ length: 2000 }, (_, i) => `object/${i}`);

  it('gives what an exhaustive walk around the ring gives', () => {
    const table = dataNodes(40);
    const balancer = build(table, { virtualNodes: 20 });
    const ring = new HashRing(table, (backend) =>
      ringPoints.murmur3.pointsOf(backend, { backends: 40, totalWeight: 40 }, 20),
    );
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
    const ring = new HashRing(dataNodes(backends), (backend) =>
      ringPoints.murmur3.pointsOf(backend, { backends, totalWeight: backends }, virtualNodes),
    );
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
