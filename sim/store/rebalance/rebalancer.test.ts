import { describe, expect, it } from 'vitest';
import type { Membership } from '../model.ts';
import { createPlacement } from '../placement/registry.ts';
import { predictBalance } from './balance.ts';
import { leastMoveBytes } from './lower-bound.ts';
import type { PlannedMove, RebalanceNode, RebalancePartition, RebalanceView } from './rebalancer.ts';
import { createRebalancer } from './registry.ts';

const never = Number.NEGATIVE_INFINITY;

function node(index: number, membership: Membership = 'active'): RebalanceNode {
  const zone = `z${index % 3}`;
  const accepts = membership === 'active' || membership === 'joining';
  return {
    id: `n${index}`,
    zone,
    rack: 'r',
    host: `h${index}`,
    weight: 1,
    membership,
    accepts,
    usedBytes: 0,
    capacityBytes: 1e9,
  };
}

/** Partitions of `bytes` each, as placement gave them to the first `owners` nodes, with the target for all that belong. */
function view(nodes: readonly RebalanceNode[], owners: number, partitions = 256): RebalanceView {
  const before = createPlacement('weighted-rendezvous', undefined, nodes.slice(0, owners));
  const members = nodes.filter((one) => one.membership !== 'draining');
  const after = createPlacement('weighted-rendezvous', undefined, members);
  return {
    nowMs: 100_000,
    replication: 3,
    nodes,
    partitions: Array.from({ length: partitions }, (_, number): RebalancePartition => {
      const replicas = before.replicas(number, 3).nodes;
      return { number, replicas, joining: [], target: after.replicas(number, 3).nodes, bytes: 100, movedMs: never };
    }),
  };
}

/** Carries a plan out, all at once. */
function carryOut(before: RebalanceView, moves: readonly PlannedMove[]): RebalanceView {
  const partitions = before.partitions.map((partition) => {
    const move = moves.find((one) => one.partition === partition.number);
    if (move === undefined) return partition;
    return { ...partition, replicas: partition.replicas.map((id) => (id === move.from ? move.to : id)) };
  });
  return { ...before, partitions };
}

describe('placement-target', () => {
  it('leaves alone what lies where it should', () => {
    const nodes = [...Array(8).keys()].map((index) => node(index));
    expect(createRebalancer('placement-target', undefined).plan(view(nodes, 8))).toEqual([]);
  });

  it('brings every partition to its target, round by round, and stops', () => {
    const rebalancer = createRebalancer('placement-target', { holdMs: 0 });
    let seen = view(
      [...Array(9).keys()].map((index) => node(index, index === 2 ? 'draining' : index < 6 ? 'active' : 'joining')),
      6,
    );
    let rounds = 0;
    for (let plan = rebalancer.plan(seen); plan.length > 0; plan = rebalancer.plan(seen)) {
      seen = carryOut(seen, plan);
      rounds += 1;
    }
    expect(rounds).toBeLessThanOrEqual(3);
    for (const { replicas, target } of seen.partitions) expect([...replicas].sort()).toEqual([...target].sort());
  });

  it('moves little more than the least possible when a node joins', () => {
    // Zones of equal weight, so that the spread over zones takes nothing from the proportion to weight.
    const nodes = [...Array(15).keys()].map((index) => node(index, index < 12 ? 'active' : 'joining'));
    const seen = view(nodes, 12, 4_096);
    const rebalancer = createRebalancer('placement-target', { holdMs: 0 });
    let moved = 0;
    let now = seen;
    for (let plan = rebalancer.plan(now); plan.length > 0; plan = rebalancer.plan(now)) {
      moved += plan.length * 100;
      now = carryOut(now, plan);
    }
    const least = leastMoveBytes({
      before: nodes.slice(0, 12),
      after: nodes,
      replication: 3,
      replicaBytes: 4_096 * 3 * 100,
    });
    expect(moved / least).toBeGreaterThan(0.9);
    expect(moved / least).toBeLessThan(1.1);
  });

  it('names the cause, and drains first', () => {
    const nodes = [...Array(8).keys()].map((index) =>
      node(index, index === 0 ? 'draining' : index < 7 ? 'active' : 'joining'),
    );
    const causes = createRebalancer('placement-target', undefined)
      .plan(view(nodes, 7))
      .map((move) => move.cause);
    expect(new Set(causes)).toEqual(new Set(['drain', 'join']));
    expect(causes.lastIndexOf('drain')).toBeLessThan(causes.indexOf('join'));
  });

  it('wants a partition that moved lately only after the hold', () => {
    const seen = view(
      [...Array(8).keys()].map((index) => node(index, index < 7 ? 'active' : 'joining')),
      7,
    );
    const lately = { ...seen, partitions: seen.partitions.map((partition) => ({ ...partition, movedMs: 95_000 })) };
    const plan = createRebalancer('placement-target', { holdMs: 10_000 }).plan(lately);
    expect(plan.length).toBeGreaterThan(0);
    for (const move of plan) expect(move.notBeforeMs).toBe(105_000);
  });

  it('never lowers the number of zones that a partition stands in', () => {
    const nodes = [...Array(9).keys()].map((index) => node(index, index < 6 ? 'active' : 'joining'));
    const seen = view(nodes, 6);
    const zones = (ids: readonly string[]) => new Set(ids.map((id) => nodes.find((one) => one.id === id)?.zone)).size;
    const plan = createRebalancer('placement-target', undefined).plan(seen);
    const after = carryOut(seen, plan);
    seen.partitions.forEach(({ replicas }, number) => {
      expect(zones(after.partitions[number]?.replicas ?? [])).toBeGreaterThanOrEqual(zones(replicas));
    });
  });
});

describe('the predicted balance', () => {
  const partition = (number: number, replicas: readonly string[], bytes: number): RebalancePartition => {
    return { number, replicas, joining: [], target: [], bytes, movedMs: never };
  };
  const nodes = [node(0), node(1), node(2, 'joining')];

  it('is the largest load and the deviation in units of the fair share', () => {
    const seen: RebalanceView = {
      nowMs: 0,
      replication: 1,
      nodes,
      partitions: [partition(0, ['n0'], 20), partition(1, ['n1'], 10), partition(2, ['n0'], 30)],
    };
    const { before, after } = predictBalance(seen, [{ partition: 0, from: 'n0', to: 'n2', cause: 'join', why: '' }]);
    expect(before.max).toBeCloseTo(2.5, 12);
    expect(before.deviation).toBeCloseTo(Math.sqrt((1.5 * 1.5 + 0.5 * 0.5 + 1) / 3), 12);
    expect(after.max).toBeCloseTo(1.5, 12);
    expect(after.deviation).toBeCloseTo(Math.sqrt((0.5 * 0.5 + 0.5 * 0.5) / 3), 12);
  });

  it('counts partitions while they are empty', () => {
    const seen: RebalanceView = {
      nowMs: 0,
      replication: 1,
      nodes,
      partitions: [partition(0, ['n0'], 0), partition(1, ['n1'], 0), partition(2, ['n2'], 0)],
    };
    expect(predictBalance(seen, []).before).toEqual({ max: 1, deviation: 0 });
  });
});

describe('the registry', () => {
  it('names what is unknown, and what may have been meant', () => {
    expect(() => createRebalancer('placement-targets', undefined)).toThrow('did you mean "placement-target"?');
    expect(() => createRebalancer('placement-target', { hold: 1 })).toThrow('did you mean "holdMs"?');
    expect(() => createRebalancer('placement-target', { holdMs: -1 })).toThrow(
      'options.holdMs: found -1, accepted: at least 0',
    );
  });

  it('refuses options that make no sense, and names them', () => {
    const refused: readonly (readonly [string, Record<string, number>, string])[] = [
      ['threshold', { thresholdPercent: 0 }, 'options.thresholdPercent: found 0, accepted: more than 0'],
      ['threshold', { thresholdPercent: Number.NaN }, 'options.thresholdPercent: found NaN'],
      ['greedy-exceptions', { maxDeviation: 0.5 }, 'options.maxDeviation: found 0.5, accepted: at least 1'],
      ['watermarks', { low: 0.95 }, 'options.low: found 0.95, accepted: at most high'],
      ['watermarks', { shardFactor: 0, indexFactor: 0, diskFactor: 0 }, 'accepted: factors that are not all 0'],
      ['goals', { diskBalance: 0.9 }, 'options.diskBalance: found 0.9, accepted: at least 1'],
      ['weighted-move', { churn: 2 }, 'options.churn: found 2, accepted: at most 1'],
      ['optimal', { tolerance: 1 }, 'options.tolerance: found 1, accepted: less than 1'],
    ];
    for (const [name, options, message] of refused) expect(() => createRebalancer(name, options)).toThrow(message);
  });
});
