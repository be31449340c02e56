import { describe, expect, it } from 'vitest';
import type { Balancer } from '../balancer/balancer.ts';
import type { ClusterMap, MapNode } from '../model.ts';
import { mapOf } from '../testdata/rig.ts';
import { BackendPool, type PooledBackend } from './backend-pool.ts';
import { Director } from './director.ts';

const unconcerned: Balancer = {
  update: () => {},
  pick: () => {
    throw new Error('nobody picks here');
  },
  onDone: () => {},
};

function directed(map: ClusterMap): Director {
  const pool = new BackendPool(unconcerned);
  const director = new Director(pool);
  pool.update(map);
  director.update(map);
  return director;
}

function withNodes(change: (node: MapNode) => Partial<MapNode>): ClusterMap {
  const map = mapOf(3);
  return { ...map, nodes: map.nodes.map((node) => ({ ...node, ...change(node) })) };
}

const ids = (backends: readonly PooledBackend[]) => backends.map(({ id }) => id);

describe('the director', () => {
  it('sends reads to replicas that are up, writes also to suspects and joining nodes', () => {
    const map = mapOf(5, { 'data-2': 'suspect', 'data-3': 'down' });
    const partitions = map.partitions.map(({ replicas }) => ({ replicas, joining: ['data-4', 'data-5'] }));
    const route = directed({ ...map, partitions }).route(0);
    expect(ids(route.sound)).toEqual(['data-1']);
    expect(ids(route.doubtful)).toEqual(['data-2']);
    expect(ids(route.down)).toEqual(['data-3']);
    expect(ids(route.replicas)).toEqual(['data-1', 'data-2', 'data-3']);
    expect(ids(route.writers)).toEqual(['data-1', 'data-2', 'data-4', 'data-5']);
    expect(route.voters).toBe(2);
  });

  it('takes a gray node for doubtful, and leaves writes to it', () => {
    const route = directed(withNodes(({ id }) => (id === 'data-2' ? { gray: true } : {}))).route(0);
    expect(ids(route.sound)).toEqual(['data-1', 'data-3']);
    expect(ids(route.doubtful)).toEqual(['data-2']);
    expect(route.voters).toBe(3);
  });

  it('sends no writes to nodes that take no more data, and reads as before', () => {
    const fullness = { 'data-1': 'read-only', 'data-2': 'no-backfill', 'data-3': 'near-full' } as const;
    const route = directed(
      withNodes(({ id }) => (id in fullness ? { fullness: fullness[id as keyof typeof fullness] } : {})),
    ).route(0);
    expect(ids(route.writers)).toEqual(['data-2', 'data-3']);
    expect([route.voters, route.full]).toEqual([2, 1]);
    expect(ids(route.sound)).toEqual(['data-1', 'data-2', 'data-3']);
  });

  it('knows no way to a partition that does not exist', () => {
    const director = directed(mapOf(3));
    expect([director.has(7), director.has(8), director.has(-1), director.has(Number.NaN)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(director.route(8).replicas).toEqual([]);
  });

  it('passes over nodes that left', () => {
    const map = withNodes(({ id }) => (id === 'data-1' ? { membership: 'left' } : {}));
    expect(ids(directed(map).route(0).replicas)).toEqual(['data-2', 'data-3']);
  });
});

describe('the pool of backends', () => {
  it('keeps counts of open requests over changes of the map, and numbers the table densely', () => {
    const pool = new BackendPool(unconcerned);
    pool.update(mapOf(3));
    const kept = pool.get('data-3');
    if (kept !== undefined) kept.inFlight = 5;
    pool.update(withNodes(({ id }) => (id === 'data-1' ? { membership: 'left' } : { weight: 2 })));
    pool.reweigh();
    expect(pool.get('data-1')).toBeUndefined();
    expect(pool.get('data-3')).toBe(kept);
    expect(kept).toMatchObject({ inFlight: 5, weight: 2, index: 1 });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a weight of %s, naming the node', (weight) => {
    const pool = new BackendPool(unconcerned);
    const map = withNodes(({ id }) => (id === 'data-2' ? { weight } : {}));
    expect(() => pool.update(map)).toThrow(
      `map 1: node data-2: weight: found ${weight}, accepted: a finite number above 0`,
    );
    expect(pool.get('data-1')).toBeUndefined();
  });

  it('refuses a node that stands twice', () => {
    const map = mapOf(3);
    expect(() => new BackendPool(unconcerned).update({ ...map, nodes: [...map.nodes, ...map.nodes] })).toThrow(
      'map 1: nodes: found data-1 twice, accepted: distinct ids',
    );
  });
});
