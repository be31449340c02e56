import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balancerOf, picksOf, tableOf } from '../testdata/test-backends.ts';
import { AliasTable } from './alias-table.ts';

const weights = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0.001, max: 1e4, noNaN: true })), {
  minLength: 1,
  maxLength: 40,
});

describe('alias table', () => {
  it('holds each position in exact proportion to weight', () => {
    fc.assert(
      fc.property(weights, (each) => {
        const table = new AliasTable(each);
        const total = each.reduce((sum, weight) => sum + weight, 0);
        each.forEach((weight, position) => {
          expect(Math.abs(table.probability(position) - weight / total)).toBeLessThan(1e-12);
        });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('is proportional by the chi-square test, whether all are eligible or some', () => {
    const each = [8, 4, 2, 1, 1, 0.5];
    const table = tableOf(each);
    const balancer = balancerOf('weighted-random', {}, table);
    for (const eligible of [table, table.slice(0, 5)]) {
      const counts = eligible.map(() => 0);
      for (const place of picksOf(balancer, eligible, 16_500)) counts[place] = (counts[place] ?? 0) + 1;
      const total = eligible.reduce((sum, { weight }) => sum + weight, 0);
      const chiSquare = counts.reduce((sum, count, place) => {
        const expected = ((each[place] ?? 0) / total) * 16_500;
        return sum + ((count - expected) * (count - expected)) / expected;
      }, 0);
      // 99.9th percentile of χ² with 5 degrees of freedom.
      expect(chiSquare).toBeLessThan(20.5);
    }
  });
});
