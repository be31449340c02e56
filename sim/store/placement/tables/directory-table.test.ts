import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacementNode } from '../placement.ts';
import { DirectoryTable } from './directory-table.ts';

const partitions = 240;
const replicas = 3;

function node(n: number): PlacementNode {
  const id = `data-${String(n).padStart(2, '0')}`;
  return { id, weight: 1, zone: `zone-${n % 5}`, rack: id, host: id };
}

function loads({ nodes, rows }: DirectoryTable): number[] {
  return nodes.map((_, place) => rows.reduce((sum, row) => sum + row.filter((owner) => owner === place).length, 0));
}

function setsOf({ nodes, rows }: DirectoryTable): Set<string | undefined>[] {
  return Array.from({ length: partitions }, (_, p) => new Set(rows.map((row) => nodes[row[p] ?? -1]?.id)));
}

function arrivals(before: DirectoryTable, after: DirectoryTable): number {
  const old = setsOf(before);
  return setsOf(after).reduce((sum, set, p) => sum + [...set].filter((id) => old[p]?.has(id) === false).length, 0);
}

describe('directory table', () => {
  it('is as even as whole numbers can be, and nearly so in its first row', () => {
    const nodes = Array.from({ length: 10 }, (_, n) => node(n));
    const table = new DirectoryTable(nodes, partitions, replicas);
    expect(loads(table)).toEqual(nodes.map(() => (partitions * replicas) / 10));
    for (const [place] of nodes.entries()) {
      expect(Math.abs((table.rows[0]?.filter((owner) => owner === place).length ?? 0) - 24)).toBeLessThanOrEqual(2);
    }
  });

  it('goes by weight', () => {
    const nodes = [1, 2, 3, 4].flatMap((weight, k) => [0, 1, 2, 3, 4].map((n) => ({ ...node(5 * k + n), weight })));
    const table = new DirectoryTable(nodes, partitions, replicas);
    loads(table).forEach((load, place) => {
      const fair = (partitions * replicas * (nodes[place]?.weight ?? 0)) / 50;
      expect(Math.abs(load - fair)).toBeLessThanOrEqual(2);
    });
  });

  it('evolves through joins: each moves what the new node gets and nothing else', () => {
    let table = new DirectoryTable([0, 1, 2, 3, 4].map(node), partitions, replicas);
    for (let n = 5; n < 20; n++) {
      const next = new DirectoryTable([...table.nodes, node(n)], partitions, replicas, table);
      const got = loads(next)[n] ?? 0;
      expect(arrivals(table, next)).toBe(got);
      expect(Math.abs(got - (partitions * replicas) / (n + 1))).toBeLessThanOrEqual(1);
      table = next;
    }
  });

  it('stays zone-spread through any joins and leaves, and moves little more than the least', () => {
    const members = fc.uniqueArray(fc.nat(19), { minLength: 10, maxLength: 20 });
    const allZones = members.filter((numbers) => new Set(numbers.map((n) => n % 5)).size === 5);
    fc.assert(
      fc.property(allZones, allZones, (first, second) => {
        const [from, to] = [first, second].map((numbers) => [...numbers].sort((a, b) => a - b).map(node));
        const before = new DirectoryTable(from ?? [], partitions, replicas);
        const after = new DirectoryTable(to ?? [], partitions, replicas, before);
        for (const set of setsOf(after))
          expect(new Set([...set].map((id) => Number(id?.slice(5)) % 5)).size).toBe(replicas);
        const [old, now] = [before, after].map(
          (table) => new Map(table.nodes.map(({ id }, i) => [id, loads(table)[i] ?? 0])),
        );
        const least = [...(now ?? [])].reduce((sum, [id, load]) => sum + Math.max(0, load - (old?.get(id) ?? 0)), 0);
        // A replica whose zone forbids it to go to the node that lacks goes elsewhere, and another from there in its stead.
        expect(arrivals(before, after)).toBeLessThanOrEqual(least * 2 + 5);
      }),
      { seed: 1, numRuns: 25 },
    );
  });
});
