import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vectors } from '../../hash/testdata/vectors.ts';
import { HashRing } from '../hash-ring.ts';
import { createPlacement } from '../registry.ts';
import { ketamaPoint, ketamaPoints } from './ketama.ts';

const recorded = vectors(
  'ketama.json',
  z.object({
    cases: z.array(
      z.object({
        name: z.string(),
        servers: z.array(z.tuple([z.string(), z.string()])),
        continuum: z.array(z.tuple([z.number(), z.string()])),
        lookups_0_499: z.array(z.tuple([z.number(), z.number(), z.string()])),
      }),
    ),
    perl_compat: z.object({ counts: z.record(z.string(), z.number()) }),
  }),
);

interface Server {
  readonly id: string;
  readonly weight: number;
}

function continuum(servers: readonly Server[]): HashRing<Server> {
  const totalWeight = servers.reduce((sum, { weight }) => sum + weight, 0);
  const cluster = { nodes: servers.length, totalWeight, virtualNodes: 160 };
  return new HashRing(servers, ({ id, weight }) => ketamaPoints(id, weight, cluster));
}

describe.skipIf(recorded.reason !== '')(`recorded from libketama${recorded.reason}`, () => {
  it('the whole continuum and 500 look-ups, weighted and not', () => {
    for (const { name, servers: listed, continuum: expected, lookups_0_499: lookups } of recorded.read().cases) {
      const servers = listed.map(([id, weight]) => ({ id, weight: Number(weight) }));
      const ring = continuum(servers);
      const ownerAt = (at: number) => servers[ring.owners[at] ?? -1]?.id;
      expect(
        Array.from(ring.points, (point, at) => [point, ownerAt(at)]),
        name,
      ).toEqual(expected);
      const found = lookups.map((_, key) => {
        const point = ketamaPoint(String(key));
        const at = ring.successor(point);
        return [point, ring.points[at], ownerAt(at)];
      });
      expect(found, name).toEqual(lookups);
    }
  });

  it('the placement looks up as libketama does', () => {
    for (const { servers, lookups_0_499: lookups } of recorded.read().cases) {
      const nodes = servers.map(([id, weight], i) => ({
        id,
        weight: Number(weight),
        zone: `${i}`,
        rack: 'r',
        host: 'h',
      }));
      const placement = createPlacement('ketama', {}, nodes);
      expect(lookups.map((_, key) => placement.replicas(key, 1).nodes[0])).toEqual(lookups.map(([, , id]) => id));
    }
  });

  it('shares of 100,000 keys as of Algorithm::ConsistentHash::Ketama, ten servers of one weight', () => {
    const { counts } = recorded.read().perl_compat;
    const servers = Object.keys(counts).map((id) => ({ id, weight: 1 }));
    const ring = continuum(servers);
    const found = Object.fromEntries(servers.map(({ id }) => [id, 0]));
    for (let key = 0; key < 100_000; key++) {
      const id = servers[ring.owners[ring.successor(ketamaPoint(`foo${key}`))] ?? -1]?.id ?? '';
      found[id] = (found[id] ?? 0) + 1;
    }
    expect(found).toEqual(counts);
  });
});

describe('ketama', () => {
  // The expression of libketama's C, compiled here: doubles throughout would give 156 to 7 and 160 to 61, and no rounding of the
  // product 156 to 25 and 101.
  it.each([
    [7, 160],
    [25, 160],
    [49, 160],
    [61, 156],
    [98, 160],
    [101, 160],
  ])('counts the points of %i servers of one weight in single precision: %i each', (nodes, points) => {
    expect([...ketamaPoints('a', 1, { nodes, totalWeight: nodes, virtualNodes: 160 })]).toHaveLength(points);
  });

  it('still finds a node that is too light for a point, as the last', () => {
    const nodes = ['a', 'b', 'c'].map((id) => ({ id, weight: id === 'b' ? 1e-6 : 1, zone: id, rack: 'r', host: 'h' }));
    const placement = createPlacement('ketama', {}, nodes);
    for (let partition = 0; partition < 50; partition++) expect(placement.replicas(partition, 3).nodes[2]).toBe('b');
  });

  it('refuses points that do not fill digests', () => {
    expect(() => createPlacement('ketama', { virtualNodes: 10 }, [])).toThrow(
      'options.virtualNodes: found 10, accepted: a multiple of 4',
    );
  });
});
