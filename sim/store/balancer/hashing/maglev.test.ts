import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlgorithmError } from '../../algorithm.ts';
import { fnv1a64 } from '../../hash/fnv1a64.ts';
import { Word64 } from '../../hash/word64.ts';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import { maglevPermutation } from './maglev.ts';
import { maglevTable } from './maglev-table.ts';
import published from './testdata/maglev.json' with { type: 'json' };

const equal = (count: number) => new Array<number>(count).fill(1);
const build = (
  names: readonly string[],
  weights: readonly number[],
  size: number,
  kind: 'xxh64' | 'siphash24-maglev',
) =>
  maglevTable(
    names.map((name) => maglevPermutation(name, size, kind)),
    weights,
    size,
  );

describe('Maglev: table 1 of the paper', () => {
  const permutations = [
    { offset: 3, skip: 4 },
    { offset: 0, skip: 2 },
    { offset: 3, skip: 1 },
  ];

  it('is filled as printed', () => {
    expect([...maglevTable(permutations, equal(3), 7)]).toEqual(published.paper.table_before);
  });

  it('is filled as printed without B1', () => {
    const without = maglevTable(
      permutations.filter((_, place) => place !== 1),
      equal(2),
      7,
    );
    expect([...without].map((place) => (place === 0 ? 0 : 2))).toEqual(published.paper.table_after_removing_B1);
  });
});

describe('Maglev: Envoy', () => {
  it.each(published.envoy.cases)('$test', ({ keys, M, table, effective_weights: weights }) => {
    expect([...build(keys, weights ?? equal(keys.length), M, 'xxh64')]).toEqual(table);
  });
});

describe('Maglev: go-maglev', () => {
  it.each(published.dgryski.permutation_parameters)('permutation of $name', (parameters) => {
    expect(maglevPermutation(parameters.name, 65_537, 'siphash24-maglev')).toEqual({
      offset: parameters.offset_M65537,
      skip: parameters.skip_M65537,
    });
  });

  it.each(published.dgryski.tables)('table of $backends backends on $M slots, without $dead', (row) => {
    const dead: readonly number[] = row.dead ?? [];
    const alive = Array.from({ length: row.backends }, (_, i) => i).filter((i) => !dead.includes(i));
    const slots = build(
      alive.map((i) => `backend-${i}`),
      equal(alive.length),
      row.M,
      'siphash24-maglev',
    );
    const table = Array.from(slots, (place) => alive[place] ?? -1);
    const lines = new TextEncoder().encode(table.map((backend) => `${backend}\n`).join(''));
    const digest = new Word64();
    fnv1a64(lines, lines.length, digest);
    expect(String(digest.toBigInt())).toBe(row.fnv1a64_of_decimal_lines);
  });
});

describe('Maglev', () => {
  it('fills every slot, in proportion to weight to within a slot', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }), (weights) => {
        const names = weights.map((_, i) => `data-${i}`);
        const counts = names.map(() => 0);
        for (const place of build(names, weights, 1009, 'xxh64')) counts[place] = (counts[place] ?? 0) + 1;
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        counts.forEach((slots, i) => {
          expect(Math.abs(slots - (1009 * (weights[i] ?? 0)) / total)).toBeLessThan(weights.length + 1);
        });
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('refuses a table whose size is no prime', () => {
    const refused = () => createBalancer('maglev', { tableSize: 65_536 }, { random: seededStream(1), nowMs: () => 0 });
    expect(refused).toThrow(AlgorithmError);
    expect(refused).toThrow('balancer "maglev": options.tableSize: found 65536, accepted: a prime');
  });
});
