import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlannedMove, RebalancerDefinition } from '../rebalance/rebalancer.ts';
import type { MetadataConfig } from './config.ts';
import { metadataNode } from './metadata-node.ts';
import { TestCluster } from './testdata/test-cluster.ts';

/** Four nodes in three zones, with a map. */
function cluster(config: Partial<MetadataConfig> = {}): TestCluster {
  const made = new TestCluster({ expectedNodes: 4, ...config });
  for (const [id, zone] of [
    ['data-1', 'a'],
    ['data-2', 'b'],
    ['data-3', 'c'],
    ['data-4', 'c'],
  ] as const)
    made.addNode(id, zone);
  made.run(2_000);
  return made;
}

function generationOf(reply: unknown): number {
  if (typeof reply === 'object' && reply !== null && 'generation' in reply) return Number(reply.generation);
  throw new Error(`no generation in ${JSON.stringify(reply)}`);
}

function zonesOf(made: TestCluster, owners: readonly string[]): number {
  return new Set(owners.map((id) => made.nodes.get(id)?.zone)).size;
}

describe('settings', () => {
  it.each([
    [{ replaceAfterMs: 6_000 }, 'replaceAfterMs: found 6000, accepted: at least twice downAfterMs, 10000'],
    [{ leaseMs: 2_000 }, 'leaseMs: found 2000, accepted: at least 3 heartbeats, 3000'],
    [{ partitions: 100 }, 'partitions: found 100, accepted: a power of two'],
    [{ members: ['a', 'b'] }, 'members: found 2, accepted: 1, 3 or 5 members'],
    [{ placement: { name: 'rign' } }, 'did you mean "ring"'],
    [{ rebalancer: { name: 'placement-targt' } }, 'did you mean "placement-target"'],
    [{ capacity: { nearFull: 0.95, noBackfill: 0.9 } }, 'nearFull ≤ noBackfill ≤ readOnly'],
  ])('refuses %j, naming the field', (wrong, message) => {
    expect(() => metadataNode({ members: ['m'], ...wrong })).toThrow(message);
  });
});

describe('the first map', () => {
  it('is made when the expected nodes have registered, in distinct zones; before, requests are turned away', () => {
    const made = new TestCluster({ expectedNodes: 3 });
    made.addNode('data-1', 'a');
    made.addNode('data-2', 'b');
    made.run(3_000);
    expect(made.ask({ kind: 'map.get', knownEpoch: 0 })).toMatchObject({ kind: 'metadata.unavailable' });
    made.addNode('data-3', 'c');
    made.run(1_000);
    const map = made.map();
    expect(map.epoch).toBe(1);
    expect(map.nodes.map((node) => node.membership)).toEqual(['active', 'active', 'active']);
    expect(map.partitions.map(({ replicas }) => zonesOf(made, replicas))).toEqual(Array(8).fill(3));
    // Whoever asked for the map before there was one is told of it.
    expect(made.client.notices).toContainEqual({ kind: 'map.changed', epoch: 1 });
  });

  it('is kept over a restart of the metadata node', () => {
    const made = cluster();
    const before = made.map();
    made.world.crash('metadata-1', { mode: 'machine' });
    made.run(1_000);
    made.world.restart('metadata-1');
    made.run(3_000);
    expect(made.map()).toEqual(before);
    expect(made.eventsOf('election')).toMatchObject([{ term: 1 }, { term: 2 }]);
  });
});

describe('objects', () => {
  it('are found, listed, replaced and deleted', () => {
    const made = cluster();
    const first = generationOf(made.put('k/1'));
    const second = generationOf(made.put('k/1'));
    expect(second).toBeGreaterThan(first);
    made.put('k/2');
    made.put('x');
    expect(made.ask({ kind: 'object.lookup', key: 'k/1' })).toMatchObject({
      version: { generation: second, sizeBytes: 1_000 },
    });
    const page = made.ask({ kind: 'object.list', prefix: 'k/', limit: 1, after: '' });
    expect(page).toMatchObject({ entries: [{ key: 'k/1' }], next: 'k/1' });
    expect(made.ask({ kind: 'object.list', prefix: 'k/', limit: 9, after: 'k/1' })).toMatchObject({
      entries: [{ key: 'k/2' }],
      next: undefined,
    });
    expect(
      made.ask({ kind: 'object.delete', key: 'k/1', condition: { kind: 'none' }, token: 'client-2.1.1' }),
    ).toMatchObject({
      existed: true,
    });
    expect(made.ask({ kind: 'object.lookup', key: 'k/1' })).toEqual({ kind: 'object.missing', key: 'k/1' });
  });

  it('answers a repeated commit as the first, and keeps conditions', () => {
    const made = cluster();
    const { request } = made.write('k', { token: 'client-2.1.2' });
    const first = made.ask(request);
    made.put('k');
    expect(made.ask(request)).toEqual(first);
    const conditional = {
      ...made.write('k').request,
      condition: { kind: 'if-generation', generation: generationOf(first) } as const,
    };
    expect(made.ask(conditional)).toMatchObject({ kind: 'object.precondition-failed' });
    const absent = { ...made.write('new').request, condition: { kind: 'if-absent' } as const };
    expect(made.ask(absent)).toMatchObject({ kind: 'object.committed' });
  });

  it('refuses a commit without W owners, with a block that was used before, or malformed', () => {
    const made = cluster();
    const owners = made.map().partitions[0]?.replicas ?? [];
    const stranger = [...made.nodes.keys()].find((id) => !owners.includes(id)) ?? '';
    expect(made.put('k', { on: owners.slice(0, 1) })).toMatchObject({
      detail: expect.stringMatching(/^acked\[0\]: found "1 nodes"/),
    });
    expect(made.put('k', { on: [owners[0] ?? '', stranger] })).toMatchObject({
      detail: expect.stringMatching(/^acked\[0\].*at least 2 of the holders/),
    });
    const { request } = made.write('k');
    made.ask(request);
    expect(made.ask({ ...request, token: 'client-2.1.3' })).toMatchObject({
      detail: expect.stringContaining('was committed before'),
    });
    expect(made.ask({ kind: 'object.lookup', key: '' })).toMatchObject({
      detail: expect.stringMatching(/^key: found ""/),
    });
    expect(made.ask({ kind: 'object.list', prefix: '', limit: -1, after: '' })).toMatchObject({
      detail: expect.stringMatching(/^limit: found -1/),
    });
  });

  it('are garbage once replaced, and deleted on every holder after a grace, also on one that was away', () => {
    const made = cluster({ replaceAfterMs: 600_000 });
    const { block, request } = made.write('k');
    made.ask(request);
    const owners = made.map().partitions[0]?.replicas ?? [];
    const away = owners[2] ?? '';
    made.world.crash(away, { mode: 'process' });
    made.put('k', { on: owners.slice(0, 2) });
    expect(made.nodes.get(owners[0] ?? '')?.blocks.has(block.id)).toBe(true);
    made.run(8_000);
    expect(made.nodes.get(owners[0] ?? '')?.blocks.has(block.id)).toBe(false);
    expect(made.nodes.get(away)?.blocks.has(block.id)).toBe(true);
    made.world.restart(away);
    made.run(6_000);
    expect(made.nodes.get(away)?.blocks.has(block.id)).toBe(false);
  });
});

describe('repair', () => {
  it('refills an owner that missed a write, after the grace for stragglers', () => {
    const made = cluster();
    const owners = made.map().partitions[0]?.replicas ?? [];
    const { block, request } = made.write('k', { on: owners.slice(0, 2) });
    made.ask(request);
    made.run(1_000);
    expect(made.eventsOf('replica')).toEqual([]);
    made.run(6_000);
    expect(made.nodes.get(owners[2] ?? '')?.blocks.has(block.id)).toBe(true);
    expect(made.eventsOf('replica').map((event) => event['complete'])).toEqual([false, true]);
    expect(made.eventsOf('move-ended')).toMatchObject([{ outcome: 'done', bytes: 1_000 }]);
  });

  it('does nothing when the straggler is confirmed in time', () => {
    const made = cluster();
    const owners = made.map().partitions[0]?.replicas ?? [];
    const { block, request } = made.write('k', { on: owners.slice(0, 2) });
    made.ask(request);
    made.ask({ kind: 'blocks.confirmed', confirmed: [{ id: block.id, partition: 0, node: owners[2] ?? '' }] });
    made.run(6_000);
    expect(made.eventsOf('move-started')).toEqual([]);
  });

  it('replaces a corrupt copy', () => {
    const made = cluster();
    const { block, request } = made.write('k');
    made.ask(request);
    const victim = made.nodes.get(made.map().partitions[0]?.replicas[1] ?? '');
    victim?.blocks.delete(block.id);
    if (victim !== undefined) victim.corrupt = [{ id: block.id, partition: 0 }];
    made.run(6_000);
    expect(victim?.blocks.has(block.id)).toBe(true);
  });

  it('rebuilds the replicas of a lost node elsewhere after T2, not before, and keeps the zones apart', () => {
    const made = cluster({ replaceAfterMs: 20_000 });
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    const epoch = made.map().epoch;
    made.world.crash('data-3', { mode: 'machine' });
    made.run(15_000);
    expect(made.map().nodes.find((node) => node.id === 'data-3')).toMatchObject({
      liveness: 'down',
      membership: 'active',
    });
    expect(made.eventsOf('move-started')).toEqual([]);
    made.run(30_000);
    const map = made.map();
    expect(map.epoch).toBeGreaterThan(epoch);
    for (const [number, { replicas, joining }] of map.partitions.entries()) {
      expect(replicas).not.toContain('data-3');
      expect(joining).toEqual([]);
      expect(zonesOf(made, replicas)).toBe(3);
      for (const id of replicas) expect(made.nodes.get(id)?.blocks.has(`b${number + 1}`)).toBe(true);
    }
    expect(made.eventsOf('move-started').every((event) => event['cause'] === 'repair')).toBe(true);
  });

  it('ends every time of reduced redundancy that it has told of, also by taking the replica away', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    made.world.crash('data-3', { mode: 'machine' });
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    made.run(5_000);
    const open = () => {
      const last = new Map(
        made.eventsOf('replica').map((event) => [`${event['partition']} ${event['node']}`, event['complete']]),
      );
      return [...last.values()].filter((complete) => complete === false).length;
    };
    expect(open()).toBeGreaterThan(0);
    made.world.crash('metadata-1', { mode: 'process' });
    made.world.restart('metadata-1');
    made.run(30_000);
    expect(open()).toBe(0);
  });

  it('is cancelled when the node returns before the copy is done', () => {
    const made = cluster({ replaceAfterMs: 10_000 });
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    const owners = made.map().partitions.map((entry) => entry.replicas);
    for (const node of made.nodes.values()) node.lazy = true;
    made.world.crash('data-3', { mode: 'process' });
    made.run(20_000);
    expect(made.eventsOf('move-started').length).toBeGreaterThan(0);
    made.world.restart('data-3');
    made.run(5_000);
    expect(made.eventsOf('move-ended').some((event) => event['outcome'] === 'cancelled')).toBe(true);
    expect(made.map().partitions.map((entry) => entry.joining)).toEqual(Array(8).fill([]));
    expect(made.map().partitions.map((entry) => entry.replicas)).toEqual(owners);
  });

  it('never gives up a whole zone by itself', () => {
    const made = new TestCluster({ expectedNodes: 6, replaceAfterMs: 10_000 });
    for (let i = 1; i <= 6; i++) made.addNode(`data-${i}`, ['a', 'b', 'c'][i % 3] ?? '');
    made.run(2_000);
    made.put('k');
    made.world.crash('data-1', { mode: 'machine' });
    made.world.crash('data-4', { mode: 'machine' });
    made.run(60_000);
    expect(made.eventsOf('move-started')).toEqual([]);
    const refusals = made.eventsOf('decision').filter((event) => event['by'] === 'replacement');
    expect(refusals.map((event) => event['why'])).toEqual([
      'all 2 nodes of zone b are down',
      'all 2 nodes of zone b are down',
    ]);
  });

  it('refills a node that comes back with an empty disk', () => {
    const made = cluster();
    const { block, request } = made.write('k');
    made.ask(request);
    const id = made.map().partitions[0]?.replicas[0] ?? '';
    const node = made.nodes.get(id);
    made.world.crash(id, { mode: 'machine' });
    node?.blocks.clear();
    if (node !== undefined) node.diskId = 'disk-2';
    made.run(6_000);
    made.world.restart(id);
    made.run(8_000);
    expect(node?.blocks.has(block.id)).toBe(true);
  });

  it('states a loss once, and tries no more', () => {
    const made = cluster();
    const owners = made.map().partitions[0]?.replicas ?? [];
    const { block, request } = made.write('k');
    made.ask(request);
    for (const id of owners) {
      const node = made.nodes.get(id);
      made.world.crash(id, { mode: 'machine' });
      node?.blocks.clear();
      if (node !== undefined) node.diskId = 'disk-2';
    }
    made.run(6_000);
    for (const id of owners) made.world.restart(id);
    made.run(30_000);
    expect(made.eventsOf('lost')).toEqual([{ kind: 'lost', id: block.id, partition: 0 }]);
    expect(made.eventsOf('move-started')).toEqual([]);
  });
});

describe('registration', () => {
  it('refuses a second node of the same id while the first is alive', () => {
    const made = cluster();
    const node = {
      id: 'data-1',
      diskId: 'other',
      incarnation: 1,
      zone: 'a',
      rack: '1',
      host: 'h',
      weight: 1,
      capacityBytes: 1e9,
    };
    const reply = made.ask({ kind: 'node.register', node });
    expect(reply).toMatchObject({
      kind: 'metadata.bad-request',
      detail: expect.stringMatching(/^node\.id: found data-1 with disk other/),
    });
    expect(made.ask({ kind: 'node.register', node: { ...node, id: 'data-9', weight: Number.NaN } })).toMatchObject({
      detail: expect.stringMatching(/^node\.weight/),
    });
  });

  it('refuses an unknown zone where zones are named', () => {
    const made = cluster({ zones: ['a', 'b', 'c'] });
    const node = {
      id: 'data-9',
      diskId: 'd',
      incarnation: 1,
      zone: 'z',
      rack: '1',
      host: 'h',
      weight: 1,
      capacityBytes: 1e9,
    };
    expect(made.ask({ kind: 'node.register', node })).toMatchObject({
      detail: 'node.zone: found "z", accepted: a, b, c',
    });
  });

  it('takes a silent node for suspect, then down, and up again when it registers', () => {
    const made = cluster();
    made.world.crash('data-1', { mode: 'process' });
    made.run(8_000);
    made.world.restart('data-1');
    made.run(2_000);
    const states = made.eventsOf('node-state').filter((event) => event['node'] === 'data-1');
    expect(states.map((event) => event['liveness'])).toEqual(['up', 'up', 'suspect', 'down', 'up']);
  });

  it('does not hold its own standstill against the nodes', () => {
    const made = cluster();
    made.world.pause('metadata-1');
    made.run(30_000);
    made.world.resume('metadata-1');
    made.run(5_000);
    expect(made.eventsOf('node-state').filter((event) => event['liveness'] === 'down')).toEqual([]);
  });
});

describe('rebalancing', () => {
  it('fills a new node with its share, one replica of a partition at a time, and drops the old copies', () => {
    const made = cluster();
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    made.addNode('data-5', 'a');
    made.run(60_000);
    const map = made.map();
    const own = map.partitions.filter((entry) => entry.replicas.includes('data-5')).length;
    expect(own).toBeGreaterThan(0);
    expect(map.nodes.find((node) => node.id === 'data-5')?.membership).toBe('active');
    expect(made.eventsOf('move-ended').every((event) => event['outcome'] === 'done')).toBe(true);
    const drops = [...made.nodes.values()]
      .flatMap((node) => node.heard)
      .filter((command) => command.kind === 'drop-partition');
    expect(drops).toHaveLength(made.eventsOf('move-started').length);
    for (const [number, { replicas }] of map.partitions.entries()) {
      for (const id of replicas) expect(made.nodes.get(id)?.blocks.has(`b${number + 1}`)).toBe(true);
    }
  });

  it('drains a node: all of it moves away first, then it has left', () => {
    const made = cluster();
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    expect(made.ask({ kind: 'admin.drain', node: 'data-3', epoch: 99 })).toMatchObject({ kind: 'admin.refused' });
    expect(made.ask({ kind: 'admin.drain', node: 'data-3', epoch: 'any' })).toMatchObject({ kind: 'admin.done' });
    expect(made.ask({ kind: 'admin.drain', node: 'data-4', epoch: 'any' })).toMatchObject({
      detail: expect.stringContaining('2 members would remain'),
    });
    made.run(40_000);
    const map = made.map();
    expect(map.nodes.find((node) => node.id === 'data-3')?.membership).toBe('left');
    expect(map.partitions.some((entry) => entry.replicas.includes('data-3'))).toBe(false);
    expect(made.eventsOf('move-started').every((event) => event['cause'] === 'drain')).toBe(true);
  });

  it('copies what was committed during a move in a further round', () => {
    const made = cluster();
    made.put('k0');
    const added = made.addNode('data-5', 'a');
    added.lazy = true;
    made.run(10_000);
    const partition = made.map().partitions.findIndex((entry) => entry.joining.includes('data-5'));
    expect(partition).toBeGreaterThanOrEqual(-1);
    for (let i = 0; i < 5; i++) {
      for (let number = 0; number < 8; number++) {
        const entry = made.map().partitions[number];
        made.put(`late-${number}-${i}`, { partition: number, on: entry?.replicas ?? [] });
      }
    }
    added.lazy = false;
    made.run(90_000);
    const { partitions } = made.map();
    expect(partitions.some((entry) => entry.replicas.includes('data-5'))).toBe(true);
    for (const { replicas } of partitions) expect(new Set(replicas).size).toBe(3);
  });

  it('gives a full node nothing, and says why', () => {
    const made = cluster();
    const full = made.addNode('data-5', 'a', { capacityBytes: 1_000 });
    full.usedBytes = 950;
    made.run(20_000);
    expect(made.map().partitions.some((entry) => entry.replicas.includes('data-5'))).toBe(false);
    expect(made.eventsOf('decision')).toContainEqual(
      expect.objectContaining({ by: 'capacity', subject: 'data-5', chose: 'read-only' }),
    );
  });
});

describe('a plan that should not be', () => {
  /** What is said of a plan of the user's own rebalancer, which is made for four nodes with a map. */
  function refusals(
    planOf: (owners: readonly string[], stranger: string) => readonly PlannedMove[],
  ): readonly unknown[] {
    const about = { summary: '-', source: '-', complexity: '-', weakness: '-' };
    const stubborn: RebalancerDefinition<unknown> = {
      name: 'stubborn',
      ...about,
      options: z.strictObject({}),
      create: () => ({
        plan: ({ partitions, nodes }) => {
          const owners = partitions[0]?.replicas ?? [];
          return planOf(owners, nodes.find((node) => !owners.includes(node.id))?.id ?? '');
        },
      }),
    };
    const made = cluster({ rebalancer: { name: stubborn } });
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    made.run(5_000);
    return made
      .eventsOf('decision')
      .filter((event) => event['by'] === 'rebalance' && event['chose'] === 'refuse')
      .map((event) => event['why'])
      .filter((why) => !String(why).endsWith('has not told yet how full it is'));
  }

  const base = { partition: 0, cause: 'join', why: '' } as const;

  it('is refused with the reason', () => {
    expect(refusals(([from = '']) => [{ ...base, from, to: 'nobody' }])).toEqual(['nobody is not known']);
    expect(refusals(([from = '', to = '']) => [{ ...base, from, to }])).toEqual([
      expect.stringMatching(/^it would lower redundancy: .* owns partition 0 already$/),
    ]);
    expect(refusals((_, to) => [{ ...base, from: to, to }])).toEqual([
      expect.stringMatching(/does not own partition 0$/),
    ]);
    expect(refusals(([from = ''], to) => [{ ...base, partition: 99, from, to }])).toEqual([
      'partition 99 does not exist',
    ]);
    expect(refusals(([from = ''], to) => [{ ...base, from, to }])).toEqual([
      'it would lower redundancy: 2 zones instead of 3',
    ]);
    const raising = refusals((owners, to) => owners.slice(2).map((from) => ({ ...base, cause: 'load', from, to })));
    expect(raising).toEqual([expect.stringMatching(/^the plan would raise the fullest node from|^it would lower/)]);
  });
});

describe('whatever crashes', () => {
  it('an acknowledged commit is found again, at every crash of the metadata node', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        fc.nat(1_000),
        (waits, seed) => {
          const made = new TestCluster({ expectedNodes: 3, snapshotBytes: 2_048 }, `crash-${seed}`);
          for (const [id, zone] of [
            ['data-1', 'a'],
            ['data-2', 'b'],
            ['data-3', 'c'],
          ] as const)
            made.addNode(id, zone);
          made.run(2_000);
          const sent = new Map<string, number>();
          for (const [round, wait] of waits.entries()) {
            for (let i = 0; i < 10; i++) sent.set(`${round}-${i}`, made.send(made.write(`${round}-${i}`).request));
            made.run(wait / 10);
            made.world.crash('metadata-1', { mode: 'machine' });
            made.world.restart('metadata-1');
            made.run(1_000);
          }
          for (const [key, tag] of sent) {
            const answer = made.answer(tag);
            if (typeof answer !== 'object' || answer.kind !== 'object.committed') continue;
            expect(made.ask({ kind: 'object.lookup', key })).toMatchObject({
              version: { key, generation: answer.generation },
            });
          }
        },
      ),
      { seed: 1, numRuns: 25 },
    );
  });

  it('runs of the same seed take the same course', () => {
    const course = () => {
      const made = cluster({ replaceAfterMs: 10_000 });
      for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
      made.world.crash('data-3', { mode: 'machine' });
      made.run(20_000);
      made.addNode('data-5', 'c');
      made.run(20_000);
      return JSON.stringify(made.events);
    };
    expect(course()).toBe(course());
  });
});
