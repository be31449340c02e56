import { describe, expect, it } from 'vitest';
import { AlgorithmError } from '../../algorithm.ts';
import type { PlacementNode } from '../placement.ts';
import { createPlacement } from '../registry.ts';

const partitions = 4096;

function cluster(weights: readonly number[]): PlacementNode[] {
  return weights.map((weight, i) => ({ id: `data-${i}`, weight, zone: `zone-${i % 5}`, rack: `rack-${i}`, host: 'h' }));
}

function sets(weights: readonly number[], options: unknown): (readonly string[])[] {
  const placement = createPlacement('ring', options, cluster(weights));
  return Array.from({ length: partitions }, (_, partition) => placement.replicas(partition, 3).nodes);
}

describe('ring', () => {
  it('with a unit of weight, moves replicas only to the node that joins, whatever its weight', () => {
    const options = { unitWeight: 2 };
    const [before, after] = [sets([1, 2, 3, 4, 5, 6, 7], options), sets([1, 2, 3, 4, 5, 6, 7, 9], options)];
    const arrivals = after.flatMap((set, partition) => set.filter((id) => before[partition]?.includes(id) === false));
    expect(arrivals.length).toBeGreaterThan(partitions / 4);
    expect(new Set(arrivals)).toEqual(new Set(['data-7']));
  });

  it('without one, moves less than twice the least when a node of another weight joins', () => {
    const [before, after] = [sets([1, 2, 3, 4, 5, 6, 7], {}), sets([1, 2, 3, 4, 5, 6, 7, 9], {})];
    const arrivals = after.flatMap((set, partition) => set.filter((id) => before[partition]?.includes(id) === false));
    const least = after.filter((set) => set.includes('data-7')).length;
    expect(arrivals.length).toBeLessThan(2 * least);
  });

  it('names the option that it refuses, and what it knows instead of an unknown name', () => {
    const create = (name: string, options: unknown) => () => createPlacement(name, options, cluster([1]));
    expect(create('ring', { unitWeight: -1 })).toThrow(
      'placement "ring": options.unitWeight: found -1, accepted: more than 0',
    );
    expect(create('weighted-rendevous', {})).toThrow(
      /^placement: found "weighted-rendevous", accepted: .*ring.*; did you mean "weighted-rendezvous"\?$/,
    );
    expect(create('ring', { virtualNodes: 0 })).toThrow(AlgorithmError);
  });
});
