import { describe, expect, it } from 'vitest';
import { createPlacement } from './registry.ts';

function firstOwners(nodes: number, partitions: number): (string | undefined)[] {
  const members = Array.from({ length: nodes }, (_, i) => ({
    id: `data-${i + 1}`,
    weight: 1,
    zone: `zone-${i % 5}`,
    rack: 'r',
    host: `host-${i}`,
  }));
  const placement = createPlacement('modulo', {}, members);
  return Array.from({ length: partitions }, (_, partition) => placement.replicas(partition, 1).nodes[0]);
}

describe('modulo', () => {
  it('is as even as can be', () => {
    const counts = new Map<string | undefined, number>();
    for (const owner of firstOwners(12, 1000)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    expect([...counts.values()].sort()).toEqual([...Array(8).fill(83), ...Array(4).fill(84)]);
  });

  it('keeps 1 of n + 1 partitions where it was as a node joins', () => {
    const partitions = 10 * 10 * 11;
    const before = firstOwners(10, partitions);
    const kept = firstOwners(11, partitions).filter((owner, partition) => owner === before[partition]);
    expect(kept).toHaveLength(partitions / 11);
  });

  it('counts data-10 after data-9', () => {
    expect(firstOwners(11, 11)).toEqual(Array.from({ length: 11 }, (_, i) => `data-${i + 1}`));
  });
});
