import { describe, expect, it } from 'vitest';
import type { RebalanceNode, RebalanceView } from './rebalancer.ts';
import { createRebalancer } from './registry.ts';

/** What sets each algorithm apart, on clusters small enough to follow by hand. Disks hold 100 bytes. */

function node(id: string, place: Partial<RebalanceNode> = {}): RebalanceNode {
  const fixed = { zone: 'z', rack: 'r', host: id, weight: 1, membership: 'active', accepts: true } as const;
  return { id, ...fixed, usedBytes: 0, capacityBytes: 100, ...place };
}

/** Partitions of one replica each: sizes by node. */
function view(nodes: readonly RebalanceNode[], held: Record<string, readonly number[]>): RebalanceView {
  const owned = Object.entries(held).flatMap(([id, sizes]) => sizes.map((bytes) => ({ id, bytes })));
  const partitions = owned.map(({ id, bytes }, number) => {
    return { number, replicas: [id], joining: [], target: [id], bytes, movedMs: Number.NEGATIVE_INFINITY };
  });
  const used = nodes.map((each) => ({ ...each, usedBytes: (held[each.id] ?? []).reduce((a, b) => a + b, 0) }));
  return { nowMs: 0, replication: 1, nodes: used, partitions };
}

function plan(name: string, seen: RebalanceView, options?: Record<string, number>): string[] {
  return createRebalancer(name, options)
    .plan(seen)
    .map(({ partition, from, to }) => `${partition}: ${from} → ${to}`);
}

const tens = (count: number) => Array<number>(count).fill(10);

describe('threshold', () => {
  it('pairs nodes of one rack before others', () => {
    const nodes = [node('full'), node('far', { rack: 'other' }), node('near')];
    expect(plan('threshold', view(nodes, { full: tens(6), far: tens(1), near: tens(1) }))).toEqual(['0: full → near']);
    expect(plan('threshold', view(nodes.slice(0, 2), { full: tens(6), far: tens(1) }))).toEqual(['0: full → far']);
  });

  it('moves at most the threshold off a node in one plan, and nothing to the other side of the mean', () => {
    const nodes = [node('full'), node('empty')];
    // The mean is 40 %: both are 40 points from it, and 25 may move.
    const seen = view(nodes, { full: tens(8), empty: [] });
    expect(plan('threshold', seen, { thresholdPercent: 25 })).toEqual(['0: full → empty', '1: full → empty']);
    expect(plan('threshold', view(nodes, { full: [30, 30], empty: [] }), { thresholdPercent: 25 })).toEqual([]);
  });

  it('leaves nodes alone that are all within the threshold, in points of capacity', () => {
    expect(plan('threshold', view([node('full'), node('empty')], { full: tens(2), empty: [] }))).toEqual([]);
    expect(
      plan('threshold', view([node('full'), node('empty')], { full: tens(2), empty: [] }), { thresholdPercent: 9 }),
    ).toEqual([]);
    expect(
      plan('threshold', view([node('full'), node('empty')], { full: [5, 5, 5, 5], empty: [] }), {
        thresholdPercent: 9,
      }),
    ).toEqual(['0: full → empty']);
  });
});

describe('watermarks', () => {
  it('clear a disk over the high one, into none over the low one', () => {
    const nodes = [node('full'), node('some'), node('most')];
    const seen = view(nodes, { full: [23, 23, 23, 23], some: [30, 30, 5, 5], most: [40, 40, 2, 2] });
    // All have four replicas; only the disk counts.
    expect(plan('watermarks', seen)).toEqual([]);
    const tight = { low: 0.95, high: 0.9 };
    expect(() => plan('watermarks', seen, tight)).toThrow('at most high');
    const room = view(nodes, { full: [23, 23, 23, 23], some: [20, 20, 5, 5], most: [40, 20, 1, 1] });
    expect(plan('watermarks', room)).toEqual(['0: full → some']);
  });

  it('even out the number of replicas below them, whatever their size', () => {
    expect(plan('watermarks', view([node('many'), node('big')], { many: [1, 1, 1, 1], big: [70] }))).toEqual([
      '0: many → big',
    ]);
  });
});

describe('greedy-exceptions', () => {
  it('undoes an exception before it makes one', () => {
    const seen = view([node('full'), node('a'), node('b')], { full: tens(5), a: [], b: tens(2) });
    const partitions = seen.partitions.map((each) => (each.number === 3 ? { ...each, target: ['b'] } : each));
    const choose = (of: RebalanceView) => plan('greedy-exceptions', of, { maxDeviation: 1, maxChanges: 1 });
    expect(choose(seen)).toEqual(['0: full → a']);
    expect(choose({ ...seen, partitions })).toEqual(['3: full → b']);
  });
});

describe('goals', () => {
  it('meets a hard one at the expense of a soft one, not the other way round', () => {
    const nodes = [node('full'), node('other')];
    // The number of replicas is even; the disk is not within capacity.
    expect(plan('goals', view(nodes, { full: [50, 45], other: [1, 1] }))).toEqual(['0: full → other']);
    // Evening out the number of replicas would fill the other disk over capacity.
    expect(plan('goals', view(nodes, { full: [15, 15, 15, 15, 15], other: [70] }))).toEqual([]);
  });

  it('bring zones apart first', () => {
    const nodes = [node('a', { zone: 'x' }), node('b', { zone: 'x' }), node('c', { zone: 'y' })];
    const one = { number: 0, joining: [], target: [], bytes: 1, movedMs: Number.NEGATIVE_INFINITY };
    const seen = { nowMs: 0, replication: 2, nodes, partitions: [{ ...one, replicas: ['a', 'b'] }] };
    expect(plan('goals', seen)).toEqual(['0: a → c']);
  });
});

describe('weighted-move', () => {
  it('takes the move that relieves the fullest node most, within its budget of churn', () => {
    // Of 95 the largest would leave one node with 80, the second largest 75.
    const seen = view([node('full'), node('some')], { full: [5, 70, 20], some: [10] });
    expect(plan('weighted-move', seen, { churn: 0.25 })).toEqual(['2: full → some']);
    expect(plan('weighted-move', seen, { churn: 0.1 })).toEqual([]);
    const partitions = seen.partitions.map((each) => (each.number === 0 ? { ...each, joining: ['some'] } : each));
    expect(plan('weighted-move', { ...seen, partitions }, { churn: 0.25 })).toEqual([]);
  });
});
