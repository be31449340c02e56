import { describe, expect, it } from 'vitest';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import { ketamaDigests, ketamaHash, ketamaRing } from './ketama.ts';
import ketama from './testdata/ketama.json' with { type: 'json' };
import { requestFor, tableOf } from './testdata/table.ts';

describe.each(ketama.cases)('libketama: $name', ({ servers, continuum, lookups }) => {
  const table = tableOf(
    servers.map(([address]) => String(address)),
    servers.map(([, weight]) => Number(weight)),
  );
  const ring = ketamaRing(table, 160);

  it('has every point of the continuum', () => {
    expect(Array.from(ring.points, (point, position) => [point, ring.owners[position]])).toEqual(continuum);
  });

  it('finds the published point of a key', () => {
    const found = lookups.map((_, key) => {
      const hash = ketamaHash(String(key));
      const position = ring.successor(hash);
      return [hash, ring.points[position], ring.owners[position]];
    });
    expect(found).toEqual(lookups);
  });

  it('sends a key there', () => {
    const balancer = createBalancer('ketama', {}, { random: seededStream(1), nowMs: () => 0 });
    balancer.update(table);
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
    expect(4 * ketamaDigests(1, servers, servers, 160)).toBe(points);
  });
});
