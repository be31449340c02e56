import { describe, expect, it } from 'vitest';
import type { ClusterMap } from '../store/model.ts';
import { mapOf } from './testdata/events.ts';
import { whyNotReplaced } from './zone-losses.ts';

const GUARD = { maxFraction: 0.5, wholeZone: false };

/** Nodes a to d in the zones that are given. */
function nodesIn(zones: readonly string[], replication: number): ClusterMap {
  const map = mapOf(1, [['a', 'b']], replication);
  return { ...map, nodes: map.nodes.map((node, i) => ({ ...node, zone: zones[i] ?? '' })) };
}

describe('whyNotReplaced', () => {
  const pairs = nodesIn(['x', 'x', 'y', 'y'], 2);
  const without =
    (...gone: string[]) =>
    (id: string) =>
      !gone.includes(id);

  it('excuses nothing while all are there, or one of a zone is gone', () => {
    expect(whyNotReplaced(pairs, () => true, GUARD)).toBeUndefined();
    expect(whyNotReplaced(pairs, without('a'), GUARD)).toBeUndefined();
  });

  it('knows that a whole zone is not replaced, unless the guard allows it', () => {
    expect(whyNotReplaced(pairs, without('a', 'b'), GUARD)).toMatch('all 2 nodes of x are gone for good');
    const apart = nodesIn(['x', 'x', 'y', 'z'], 2);
    expect(whyNotReplaced(apart, without('a', 'b'), { ...GUARD, wholeZone: true })).toBeUndefined();
    expect(whyNotReplaced(apart, without('c'), GUARD)).toBeUndefined();
  });

  it('knows the largest share', () => {
    expect(whyNotReplaced(pairs, without('a', 'c'), { ...GUARD, maxFraction: 0.3 })).toMatch(
      '2 of 4 data nodes are gone for good; metadata replaces 1 by itself',
    );
  });

  it('knows when too few zones are left, but not where there never were enough', () => {
    expect(whyNotReplaced(pairs, without('a', 'b'), { ...GUARD, wholeZone: true })).toMatch('1 zones are left');
    const one = nodesIn(['x', 'x', 'x', 'x'], 2);
    expect(whyNotReplaced(one, without('a'), GUARD)).toBeUndefined();
  });
});
