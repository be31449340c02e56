import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../host.ts';
import type { StoreEvent } from '../events.ts';
import { bytesOf } from '../testdata/test-blocks.ts';
import { WholeStore } from '../testdata/whole-store.ts';
import { TestCluster } from './testdata/test-cluster.ts';

const orphans = { graceMs: 20_000, mismatchMs: 3_000, everyMs: 5_000, perRound: 4, condemnedMs: 600_000 };

/** Four nodes in three zones, so that one node holds no replica of partition 0. */
function cluster(): TestCluster {
  const made = new TestCluster({ orphans });
  for (const [id, zone] of [
    ['data-1', 'a'],
    ['data-2', 'b'],
    ['data-3', 'c'],
    ['data-4', 'a'],
  ] as const)
    made.addNode(id, zone);
  made.run(5_000);
  return made;
}

function ownersOf(made: TestCluster): readonly NodeId[] {
  return made.map().partitions[0]?.replicas ?? [];
}

function holdersOf(made: TestCluster, block: string): NodeId[] {
  return [...made.nodes.values()].filter((node) => node.blocks.has(block)).map((node) => node.id);
}

describe('an orphan', () => {
  it('is deleted on every node once it is older than the grace, and refused to a commit ever after', () => {
    const made = cluster();
    made.put('k');
    const { block, request } = made.write('late');
    made.run(15_000);
    expect(holdersOf(made, block.id)).toHaveLength(3);
    made.run(20_000);
    expect(holdersOf(made, block.id)).toEqual([]);
    expect(made.ask(request)).toEqual({
      kind: 'object.conflict',
      detail: expect.stringMatching(/^blocks\[0\]\.id: found b2, whose upload took longer than the grace of 20000 ms/),
    });
    expect(made.ask({ kind: 'object.lookup', key: 'late' })).toMatchObject({ kind: 'object.missing' });
    expect(made.ask({ kind: 'admin.status' })).toMatchObject({ condemnedBlocks: 1 });
    const deletions = [...made.nodes.values()].flatMap((node) =>
      node.heard.filter((command) => command.kind === 'delete-blocks'),
    );
    expect(deletions.every((command) => command.kind === 'delete-blocks' && command.why === 'orphan')).toBe(true);
  });

  it('is none if it is committed within the grace', () => {
    const made = cluster();
    const { block, request } = made.write('k');
    made.run(18_000);
    expect(made.ask(request)).toMatchObject({ kind: 'object.committed' });
    made.run(60_000);
    expect(holdersOf(made, block.id)).toHaveLength(3);
  });

  it('is deleted although the leader starts again at any time on the way', () => {
    for (let atMs = 18_000; atMs <= 30_000; atMs += 3_000) {
      const made = cluster();
      made.put('k');
      const { block, request } = made.write('late');
      made.run(atMs);
      made.world.crash('metadata-1', { mode: 'process' });
      made.run(500);
      made.world.restart('metadata-1');
      made.run(45_000);
      expect(holdersOf(made, block.id)).toEqual([]);
      expect(holdersOf(made, 'b1')).toHaveLength(3);
      expect(made.ask(request)).toMatchObject({ kind: 'object.conflict' });
    }
  });

  it('that a node stores once more after the deletion is deleted once more', () => {
    const made = cluster();
    const { block } = made.write('late');
    made.run(40_000);
    const [owner = ''] = ownersOf(made);
    expect(holdersOf(made, block.id)).toEqual([]);
    made.nodes.get(owner)?.blocks.add(block.id);
    made.run(15_000);
    expect(holdersOf(made, block.id)).toEqual([]);
  });
});

describe('an inventory', () => {
  it('finds a block that its node has lost without noticing, which is repaired', () => {
    const made = cluster();
    made.put('k');
    made.put('other');
    const [owner = ''] = ownersOf(made);
    made.nodes.get(owner)?.blocks.delete('b1');
    made.run(20_000);
    expect(holdersOf(made, 'b1')).toHaveLength(3);
    expect(made.eventsOf('lost')).toEqual([]);
  });

  it('finds the only block of a partition that is gone, of which no beat tells', () => {
    const made = cluster();
    made.put('k');
    const [owner = ''] = ownersOf(made);
    made.nodes.get(owner)?.blocks.delete('b1');
    made.run(25_000);
    expect(holdersOf(made, 'b1')).toHaveLength(3);
  });

  it('finds a copy that nobody had confirmed, so that nothing is copied', () => {
    const made = cluster();
    const owners = ownersOf(made);
    const { block, request } = made.write('k', { on: owners.slice(0, 2) });
    made.ask(request);
    const straggler = made.nodes.get(owners[2] ?? '');
    if (straggler === undefined) throw new Error('no third owner');
    straggler.blocks.add(block.id);
    straggler.lazy = true;
    made.run(25_000);
    const traced = made.ask({ kind: 'admin.trace', key: 'k' });
    expect(traced).toMatchObject({ blocks: [{ holders: [{ copy: 'held' }, { copy: 'held' }, { copy: 'held' }] }] });
  });

  it('is not asked for again and again where a digest differs for good', () => {
    const made = cluster();
    made.put('k');
    const [owner = ''] = ownersOf(made);
    const node = made.nodes.get(owner);
    for (let i = 0; i < 12; i++) {
      made.write('young');
      made.run(4_000);
    }
    const asked = node?.heard.filter((command) => command.kind === 'inventory') ?? [];
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(14);
  });

  it('is not asked for while all is well, not even while garbage is being collected', () => {
    const made = cluster();
    for (let i = 0; i < 10; i++) {
      made.put('k');
      made.run(1_000);
    }
    made.run(20_000);
    const heard = [...made.nodes.values()].flatMap((node) => node.heard.map((command) => command.kind));
    expect(heard).toContain('delete-blocks');
    expect(heard).not.toContain('inventory');
  });
});

describe('a stray copy', () => {
  it('on a node that is no holder is dropped', () => {
    const made = cluster();
    made.put('k');
    const owners = ownersOf(made);
    const stranger = [...made.nodes.keys()].find((id) => !owners.includes(id)) ?? '';
    made.nodes.get(stranger)?.blocks.add('b1');
    made.run(12_000);
    expect(holdersOf(made, 'b1')).toEqual([...owners].sort());
    made.run(20_000);
    const decisions = made.eventsOf('decision').filter((event) => event['by'] === 'inventory');
    expect(decisions).toMatchObject([{ chose: 'drop', subject: `partition 0 on ${stranger}` }]);
  });
});

describe('with real data nodes, gateways and clients', () => {
  it('what was uploaded and never committed is gone after the grace, and nothing else', () => {
    const store = new WholeStore('orphans');
    for (let i = 0; i < 20; i++) {
      store.put(`k${i}`, `content of k${i}`);
      store.run(100);
    }
    const before = new Set(store.eventsOf('block-accepted').map(idOf));
    store.world.crash('metadata-1', { mode: 'process' });
    for (let i = 0; i < 5; i++) store.put(`late ${i}`, 'never committed');
    store.run(12_000);
    store.world.restart('metadata-1');
    const orphaned = store
      .eventsOf('block-accepted')
      .map(idOf)
      .filter((id) => !before.has(id));
    expect(new Set(orphaned).size).toBe(5);
    store.run(240_000);
    const removed = store.eventsOf('block-removed');
    expect(removed.map(idOf).sort()).toEqual([...orphaned].sort());
    expect(removed.every((event) => event.kind === 'block-removed' && event.why === 'orphan')).toBe(true);
    for (let i = 0; i < 20; i++) expect(store.read(`k${i}`)).toEqual(bytesOf(`content of k${i}`, 100));
    const chosen = store.eventsOf('decision').flatMap((event) => {
      return event.kind === 'decision' && event.by === 'inventory' ? [event.chose] : [];
    });
    expect(new Set(chosen)).toEqual(new Set(['condemn']));
  });
});

function idOf(event: StoreEvent): string {
  return 'id' in event ? event.id : '';
}
