import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairShares } from './fair-shares.ts';
import { leastMoveBytes } from './lower-bound.ts';

const equal = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `n${i}`, weight: 1 }));

describe('fair shares', () => {
  it('are in proportion to weight', () => {
    const shares = fairShares(
      [
        { id: 'a', weight: 1 },
        { id: 'b', weight: 2 },
        { id: 'c', weight: 1 },
      ],
      2,
    );
    expect([...shares.values()]).toEqual([0.25, 0.5, 0.25]);
  });

  it('stop at one replica of each partition, and the rest is spread by weight', () => {
    const shares = fairShares(
      [
        { id: 'a', weight: 100 },
        { id: 'b', weight: 2 },
        { id: 'c', weight: 1 },
      ],
      2,
    );
    expect(shares.get('a')).toBeCloseTo(1 / 2, 12);
    expect(shares.get('b')).toBeCloseTo(1 / 3, 12);
    expect(shares.get('c')).toBeCloseTo(1 / 6, 12);
  });

  it('add up to 1 and keep under the cap for any weights', () => {
    const weights = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 3 }), (given, replication) => {
        const shares = [
          ...fairShares(
            given.map((weight, i) => ({ id: `n${i}`, weight })),
            replication,
          ).values(),
        ];
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        for (const share of shares) expect(share).toBeLessThanOrEqual(1 / replication + 1e-12);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('the least bytes that must move', () => {
  const bytes = { replication: 3, replicaBytes: 1_200 };

  it('are 1/(n+1) of the data when one equal node joins n, and 1/n when one of n leaves', () => {
    expect(leastMoveBytes({ before: equal(11), after: equal(12), ...bytes })).toBeCloseTo(100, 9);
    expect(leastMoveBytes({ before: equal(12), after: equal(11), ...bytes })).toBeCloseTo(100, 9);
  });

  it('are none when nothing changes, or all weights alike', () => {
    expect(
      leastMoveBytes({ before: equal(5), after: equal(5).map((node) => ({ ...node, weight: 7 })), ...bytes }),
    ).toBeCloseTo(0, 9);
  });

  it('are all of it when every node is replaced', () => {
    const others = equal(4).map(({ id, weight }) => ({ id: `new ${id}`, weight }));
    expect(leastMoveBytes({ before: equal(4), after: others, ...bytes })).toBeCloseTo(1_200, 9);
  });

  it('are the same there and back', () => {
    const nodes = fc.uniqueArray(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), weight: fc.integer({ min: 1, max: 9 }) }),
      {
        minLength: 3,
        selector: (node) => node.id,
      },
    );
    fc.assert(
      fc.property(nodes, nodes, (before, after) => {
        expect(leastMoveBytes({ before, after, ...bytes })).toBeCloseTo(
          leastMoveBytes({ before: after, after: before, ...bytes }),
          6,
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
