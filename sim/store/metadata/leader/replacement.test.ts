import { describe, expect, it } from 'vitest';
import type { MetadataConfig } from '../config.ts';
import { TestCluster } from '../testdata/test-cluster.ts';

/** Six nodes in three zones, two in each: data-1 and data-4 in zone b, and so on. */
function cluster(config: Partial<MetadataConfig> = {}): TestCluster {
  const made = new TestCluster({ expectedNodes: 6, ...config });
  for (let i = 1; i <= 6; i++) made.addNode(`data-${i}`, ['a', 'b', 'c'][i % 3] ?? '');
  made.run(2_000);
  for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
  return made;
}

function status(made: TestCluster, node: string) {
  const reply = made.ask({ kind: 'admin.status' });
  if (typeof reply === 'string' || reply.kind !== 'admin.state') throw new Error(JSON.stringify(reply));
  return reply.nodes.find((one) => one.node === node);
}

function crash(made: TestCluster, ...nodes: readonly string[]): void {
  for (const node of nodes) made.world.crash(node, { mode: 'machine' });
}

function decisions(made: TestCluster, by: string) {
  return made.eventsOf('decision').filter((event) => event['by'] === by);
}

describe('nodes that are gone for good', () => {
  it('are both given up when they are a third of the nodes in two zones, and everything is rebuilt', () => {
    const made = cluster({ replaceAfterMs: 20_000 });
    crash(made, 'data-1', 'data-2');
    made.run(10_000);
    expect(status(made, 'data-1')).toMatchObject({
      liveness: 'down',
      reasons: [expect.stringMatching(/^down for \d\.\d s: silent for 5\.\d s$/)],
      next: expect.stringMatching(/^its replicas are rebuilt elsewhere in 1\d\.\d s unless it returns$/),
    });
    made.run(40_000);
    for (const [number, { replicas, joining }] of made.map().partitions.entries()) {
      expect(joining).toEqual([]);
      expect(replicas).not.toContain('data-1');
      expect(replicas).not.toContain('data-2');
      const [id] = [...made.blocks.values()].flatMap((block) => (block.partition === number ? block.id : []));
      for (const node of replicas) expect(made.nodes.get(node)?.blocks.has(id ?? '')).toBe(true);
    }
    expect(status(made, 'data-1')?.next).toBe('0 of its partitions are still to be rebuilt elsewhere');
  });

  it('are not given up while too many are down; the refusal stands in a decision and in their status', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    crash(made, 'data-1', 'data-2', 'data-3');
    made.run(40_000);
    expect(made.eventsOf('move-started')).toEqual([]);
    const why = '3 of 6 nodes are down, at most 2 may be replaced at once';
    expect(decisions(made, 'replacement')).toMatchObject(Array(3).fill({ chose: 'wait', why }));
    expect(status(made, 'data-2')?.next).toBe(`is not given up: ${why}; drain it to rebuild its replicas elsewhere`);
    made.world.restart('data-3');
    made.run(30_000);
    expect(made.map().partitions.some(({ replicas }) => replicas.includes('data-1'))).toBe(false);
  });

  it('don’t keep the guard shut once their replicas were rebuilt', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    for (const node of ['data-1', 'data-2']) {
      crash(made, node);
      made.run(40_000);
    }
    crash(made, 'data-3');
    made.run(60_000);
    for (const { replicas, joining } of made.map().partitions) {
      expect(joining).toEqual([]);
      expect([...replicas].sort()).toEqual(['data-4', 'data-5', 'data-6']);
    }
  });

  it('may be a whole zone only by an operator’s word, who drains them', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    crash(made, 'data-1', 'data-4');
    made.run(40_000);
    expect(made.eventsOf('move-started')).toEqual([]);
    expect(status(made, 'data-1')?.next).toContain('all 2 nodes of zone b are down');
    for (const node of ['data-1', 'data-4']) {
      expect(made.ask({ kind: 'admin.drain', node, epoch: 'any' })).toMatchObject({ kind: 'admin.done' });
    }
    made.run(60_000);
    const { nodes, partitions } = made.map();
    expect(nodes.filter(({ membership }) => membership === 'left').map(({ id }) => id)).toEqual(['data-1', 'data-4']);
    for (const { replicas } of partitions) expect(replicas.every((id) => made.world.node(id).running)).toBe(true);
    expect(decisions(made, 'placement')).toContainEqual(
      expect.objectContaining({
        chose: 'replicas share a rack',
        why: 'warning: too few to keep all replicas in distinct racks',
      }),
    );
  });

  it('take the last copies with them: that is stated, and taken back should they return', () => {
    const made = cluster({ replaceAfterMs: 10_000, zoneGuard: { maxFraction: 1, wholeZone: true } });
    const owners = made.map().partitions[0]?.replicas ?? [];
    crash(made, ...owners);
    made.run(60_000);
    const lost = made.eventsOf('lost');
    expect(lost.length).toBeGreaterThan(0);
    expect(new Set(lost.map(({ id }) => id)).size).toBe(lost.length);
    const { partitions } = made.map();
    for (const { replicas } of partitions) expect(replicas.every((id) => !owners.includes(id))).toBe(true);
    const before = made.eventsOf('move-started').length;
    made.run(60_000);
    expect(made.eventsOf('move-started').length, 'no endless retries').toBe(before);
    const losses = () => {
      const reply = made.ask({ kind: 'admin.lost' });
      return typeof reply === 'object' && reply.kind === 'admin.losses' ? reply.blocks.length : -1;
    };
    expect(losses()).toBe(lost.length);
    made.world.restart(owners[0] ?? '');
    made.run(30_000);
    expect(losses()).toBe(0);
    for (const { replicas } of made.map().partitions) expect(new Set(replicas).size).toBe(3);
  });
});
