import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlannedMove, RebalancerDefinition, RebalanceView } from '../../rebalance/rebalancer.ts';
import type { MetadataConfig } from '../config.ts';
import { TestCluster } from '../testdata/test-cluster.ts';

/** A rebalancer of the user's own. */
function rebalancer(plan: (view: RebalanceView) => readonly PlannedMove[]): MetadataConfig['rebalancer'] {
  const own: RebalancerDefinition<unknown> = {
    name: 'own',
    summary: '-',
    source: '-',
    complexity: '-',
    weakness: '-',
    options: z.strictObject({}),
    create: () => ({ plan }),
  };
  return { name: own };
}

/** Four nodes, all in one zone so that any may take any partition. */
function cluster(config: Partial<MetadataConfig> = {}): TestCluster {
  const partitions = config.partitions ?? 64;
  const made = new TestCluster({ expectedNodes: 4, ...config, partitions });
  for (let i = 1; i <= 4; i++) made.addNode(`data-${i}`, 'a');
  made.run(2_000);
  for (let partition = 0; partition < partitions; partition++) made.put(`k${partition}`, { partition });
  return made;
}

function planned(made: TestCluster) {
  const reply = made.ask({ kind: 'admin.plan' });
  if (typeof reply === 'string' || reply.kind !== 'admin.planned') throw new Error(JSON.stringify(reply));
  return reply;
}

function suffer(made: TestCluster, getP99Ms: number): void {
  const nodes: [] = [];
  made.ask({ kind: 'health.report', windowMs: 1_000, getP99Ms, gets: 500, nodes, controlBytes: 0 });
}

describe('a dry run', () => {
  it('tells the moves and what they bring, and changes nothing', () => {
    const made = cluster({ settleMs: 5_000 });
    made.addNode('data-5', 'a');
    made.run(3_000);
    const epoch = made.map().epoch;
    const { moves, before, after } = planned(made);
    expect(moves.length).toBeGreaterThan(0);
    expect(moves.every(({ to, bytes }) => to === 'data-5' && bytes === 1_000)).toBe(true);
    expect(moves[0]?.held).toMatch(/^the membership changed \d\.\d s ago$/);
    expect(after.deviation).toBeLessThan(before.deviation);
    expect(after.max).toBeLessThanOrEqual(before.max);
    expect(made.map().epoch).toBe(epoch);
    expect(made.eventsOf('move-started')).toEqual([]);
    made.run(30_000);
    const foreseen = moves.map(({ partition, to }) => `${partition} ${to}`);
    const went = made.eventsOf('move-started').map(({ partition, to }) => `${partition} ${to}`);
    expect(went.length).toBeGreaterThan(0.8 * foreseen.length);
    expect(foreseen).toEqual(expect.arrayContaining(went));
    const rest = planned(made);
    expect(rest.before.max).toBeLessThanOrEqual(after.max);
    // What is left of the plan would undo some of what it has brought.
    for (const { held } of rest.moves) expect(held).toMatch(/^the plan would raise/);
    expect(made.map().nodes.find(({ id }) => id === 'data-5')?.membership).toBe('active');
  });
});

describe('rebalancing waits', () => {
  it('while an operator has paused it, and goes on afterwards', () => {
    const made = cluster();
    expect(made.ask({ kind: 'admin.pause', what: 'rebalance', paused: true, epoch: 'any' })).toMatchObject({
      kind: 'admin.done',
    });
    made.addNode('data-5', 'a');
    made.run(20_000);
    expect(made.eventsOf('move-started')).toEqual([]);
    expect(planned(made).moves[0]?.held).toBe('paused by an operator');
    made.ask({ kind: 'admin.pause', what: 'rebalance', paused: false, epoch: 'any' });
    made.run(20_000);
    expect(made.eventsOf('move-started').length).toBeGreaterThan(0);
  });

  it('while clients suffer; and what runs already is slowed down, then let go again', () => {
    const made = cluster();
    const added = made.addNode('data-5', 'a');
    added.lazy = true;
    made.run(4_000);
    const before = made.eventsOf('move-started').length;
    expect(before).toBeGreaterThan(0);
    for (let i = 0; i < 4; i++) {
      suffer(made, 900);
      made.run(980);
    }
    made.addNode('data-6', 'a');
    for (let i = 0; i < 6; i++) {
      suffer(made, 900);
      made.run(980);
    }
    expect(made.eventsOf('move-started')).toHaveLength(before);
    expect(planned(made).moves[0]?.held).toBe('p99 of client gets 900 ms, limit 250 ms');
    const paces = () => added.heard.flatMap((one) => (one.kind === 'pace-transfers' ? one.bytesPerSecond : []));
    expect(Math.min(...paces())).toBe(1024 * 1024);
    for (let i = 0; i < 24; i++) {
      suffer(made, 9);
      made.run(980);
    }
    added.lazy = false;
    expect(paces().at(-1)).toBe(32 * 1024 * 1024);
    expect(made.eventsOf('move-started').length).toBeGreaterThan(before);
    expect(
      made
        .eventsOf('decision')
        .filter(({ by, subject }) => by === 'rebalance' && subject === 'plan')
        .map(({ chose }) => chose),
    ).toEqual(['pause', 'go on']);
  });

  it('does not hold up repair when only balance is paused, and holds it up when repair is', () => {
    for (const what of ['rebalance', 'repair'] as const) {
      const made = cluster({ replaceAfterMs: 10_000 });
      made.addNode('data-5', 'a');
      made.run(30_000);
      made.ask({ kind: 'admin.pause', what, paused: true, epoch: 'any' });
      made.world.crash('data-1', { mode: 'machine' });
      made.run(40_000);
      const owned = made.map().partitions.some(({ replicas }) => replicas.includes('data-1'));
      expect(owned).toBe(what === 'repair');
    }
  });
});

describe('a plan', () => {
  it('is refused towards a node that is gray, suspect or draining', () => {
    const made = cluster({
      rebalancer: rebalancer(({ partitions }) => {
        return ['data-5', 'data-6', 'data-4'].flatMap((to, position) => {
          const { number, replicas } = partitions.filter((one) => !one.replicas.includes(to))[position] ?? {};
          const [from] = replicas ?? [];
          return number === undefined || from === undefined
            ? []
            : [{ partition: number, from, to, cause: 'join', why: '' }];
        });
      }),
      settleMs: 4_000,
    });
    for (const id of ['data-5', 'data-6']) made.addNode(id, 'a');
    made.run(2_000);
    const gray = made.nodes.get('data-5');
    if (gray !== undefined) gray.diskFailing = true;
    for (const id of ['data-1', 'data-2']) {
      const peer = made.nodes.get(id);
      if (peer !== undefined) peer.unreachable = ['data-6'];
    }
    made.ask({ kind: 'admin.drain', node: 'data-4', epoch: 'any' });
    made.run(1_800);
    const reasons = planned(made).moves.map(({ held }) => held);
    expect(reasons).toEqual(['data-5 is gray', 'data-6 is suspect', 'data-4 is draining']);
    made.run(6_000);
    expect(made.eventsOf('move-started')).toEqual([]);
  });

  it('does not send a partition back within the hysteresis, however stubborn its author', () => {
    const made = cluster({
      hysteresisMs: 20_000,
      partitions: 1,
      dropGraceMs: 500,
      rebalancer: rebalancer(({ partitions, nodes }) => {
        const owners = partitions[0]?.replicas ?? [];
        const to = nodes.find(({ id }) => !owners.includes(id))?.id ?? '';
        return owners.slice(0, 1).map((from) => ({ partition: 0, from, to, cause: 'load', why: 'again' }));
      }),
    });
    const leftMs = new Map<string, number>();
    const awayMs: number[] = [];
    let before = made.map().partitions[0]?.replicas ?? [];
    for (let second = 0; second < 120; second++) {
      made.run(980);
      const owners = made.map().partitions[0]?.replicas ?? [];
      for (const node of before) if (!owners.includes(node)) leftMs.set(node, made.kernel.nowMs);
      for (const node of owners) {
        if (!before.includes(node) && leftMs.has(node)) awayMs.push(made.kernel.nowMs - (leftMs.get(node) ?? 0));
      }
      before = owners;
    }
    expect(awayMs.length).toBeGreaterThan(2);
    expect(Math.min(...awayMs)).toBeGreaterThan(19_000);
    expect(made.eventsOf('decision').map(({ why }) => why)).toContainEqual(
      expect.stringMatching(/^partition 0 left data-\d \d+ s ago$/),
    );
  });
});
