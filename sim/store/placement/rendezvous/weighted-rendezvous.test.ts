import { describe, expect, it } from 'vitest';
import type { PlacementNode } from '../placement.ts';
import { createPlacement } from '../registry.ts';

const partitions = 16_384;

function cluster(weights: readonly number[]): PlacementNode[] {
  return weights.map((weight, i) => ({ id: `data-${i}`, weight, zone: `zone-${i}`, rack: 'r', host: 'h' }));
}

function firstOwners(weights: readonly number[]): string[] {
  const placement = createPlacement('weighted-rendezvous', {}, cluster(weights));
  return Array.from({ length: partitions }, (_, partition) => placement.replicas(partition, 1).nodes[0] ?? '');
}

describe('weighted rendezvous', () => {
  it('is as even as chance, by the chi-square test', () => {
    const weights = [1, 1, 2, 3, 5, 8, 0.5];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const first = firstOwners(weights);
    const chiSquare = weights.reduce((sum, weight, i) => {
      const expected = (partitions * weight) / total;
      const count = first.filter((id) => id === `data-${i}`).length;
      return sum + ((count - expected) * (count - expected)) / expected;
    }, 0);
    // 99.9th percentile of χ² with 6 degrees of freedom.
    expect(chiSquare).toBeLessThan(22.5);
  });

  it('depends on the ratios of weights only', () => {
    expect(firstOwners([4e12, 8e12, 16e12])).toEqual(firstOwners([1, 2, 4]));
  });

  it('moves partitions to a node that gets heavier, and none between the others', () => {
    const [before, after] = [firstOwners([1, 1, 1, 1]), firstOwners([1, 1, 3, 1])];
    const moved = after.filter((owner, partition) => owner !== before[partition]);
    expect(new Set(moved)).toEqual(new Set(['data-2']));
    // Its share goes from 1/4 to 1/2.
    expect(Math.abs(moved.length / partitions - 0.25)).toBeLessThan(0.02);
  });

  it('gives the second replica to whom would own the partition without the first', () => {
    const nodes = cluster([1, 2, 3, 4, 5]);
    const all = createPlacement('weighted-rendezvous', {}, nodes);
    for (let partition = 0; partition < 200; partition++) {
      const [first, second] = all.replicas(partition, 2).nodes;
      const rest = createPlacement(
        'weighted-rendezvous',
        {},
        nodes.filter(({ id }) => id !== first),
      );
      expect(rest.replicas(partition, 1).nodes).toEqual([second]);
    }
  });
});
