import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictBalance } from './balance.ts';
import type { PlannedMove, RebalanceNode, RebalanceView } from './rebalancer.ts';
import { risingMoves } from './rising-moves.ts';

const ids = ['a', 'b', 'c', 'd'] as const;

function view(owners: readonly string[], bytes: readonly number[]): RebalanceView {
  const nodes = ids.map((id): RebalanceNode => {
    const place = { id, zone: id, rack: 'r', host: id };
    return { ...place, weight: 1, membership: 'active', accepts: true, usedBytes: 0, capacityBytes: 1e9 };
  });
  const partitions = owners.map((owner, number) => {
    const size = bytes[number] ?? 1;
    return { number, replicas: [owner], joining: [], target: [], bytes: size, movedMs: Number.NEGATIVE_INFINITY };
  });
  return { nowMs: 0, replication: 1, nodes, partitions };
}

function move(partition: number, from: string, to: string, cause: PlannedMove['cause']): PlannedMove {
  return { partition, from, to, cause, why: '' };
}

function refused(seen: RebalanceView, plan: readonly PlannedMove[]): readonly number[] {
  return [...risingMoves(seen, plan, predictBalance(seen, plan)).keys()].map(({ partition }) => partition);
}

describe('moves that raise the fullest node', () => {
  const even = view(['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd'], []);

  it('are all of a plan for balance that does so', () => {
    expect(refused(even, [move(0, 'a', 'b', 'load'), move(2, 'c', 'd', 'load')])).toEqual([0, 2]);
  });

  it('are none of a plan that does not as a whole', () => {
    expect(refused(even, [move(0, 'a', 'b', 'load'), move(1, 'b', 'a', 'load')])).toEqual([]);
  });

  it('are of those that fill a new node the ones that overfill it', () => {
    const empty = view(['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c'], []);
    const plan = [0, 1, 3, 4, 6].map((number) =>
      move(number, empty.partitions[number]?.replicas[0] ?? '', 'd', 'join'),
    );
    expect(refused(empty, plan)).toEqual([4, 6]);
  });

  it('are none that leave a node for good', () => {
    expect(refused(even, [move(0, 'a', 'b', 'drain'), move(4, 'a', 'b', 'drain')])).toEqual([]);
  });

  it('taken out of any plan for balance or a join leave one that raises nobody', () => {
    const owners = fc.array(fc.constantFrom(...ids), { minLength: 8, maxLength: 8 });
    const bytes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 8, maxLength: 8 });
    const goals = fc.array(fc.constantFrom(...ids), { minLength: 8, maxLength: 8 });
    const causes = fc.array(fc.constantFrom('join' as const, 'load' as const), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(owners, bytes, goals, causes, (from, sizes, to, cause) => {
        const seen = view(from, sizes);
        const plan = from
          .map((owner, number) => move(number, owner, to[number] ?? 'a', cause[number] ?? 'load'))
          .filter((one) => one.from !== one.to);
        const rising = risingMoves(seen, plan, predictBalance(seen, plan));
        const { before, after } = predictBalance(
          seen,
          plan.filter((one) => !rising.has(one)),
        );
        expect(after.max).toBeLessThanOrEqual(before.max * (1 + 1e-9));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
