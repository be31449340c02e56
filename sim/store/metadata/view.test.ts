import { describe, expect, it } from 'vitest';
import { TestCluster } from './testdata/test-cluster.ts';
import type { KnownCopy } from './view.ts';

const three = [
  ['data-1', 'a'],
  ['data-2', 'b'],
  ['data-3', 'c'],
] as const;

function cluster(): TestCluster {
  const made = new TestCluster({
    stragglerGraceMs: 2_000,
    orphans: { graceMs: 5_000, everyMs: 1_000, mismatchMs: 1_000 },
  });
  for (const [id, zone] of three) made.addNode(id, zone);
  made.run(5_000);
  return made;
}

const copies = (made: TestCluster, node: string): string[] =>
  [...(made.view?.copiesOn(node) ?? [])].map(({ id, role, copy }: KnownCopy) => `${id} ${role} ${copy}`);

describe('what can be read off a metadata node', () => {
  it('is what it takes each copy to be', () => {
    const made = cluster();
    // A node that carries out nothing: what it lacks stays so.
    for (const node of made.nodes.values()) node.lazy = true;
    made.put('k', { partition: 3, on: ['data-1', 'data-2'] });
    expect(copies(made, 'data-1')).toEqual(['b1 replica expected']);
    expect(copies(made, 'data-3')).toEqual(['b1 replica awaited']);
    made.run(4_000);
    expect(copies(made, 'data-3')).toEqual(['b1 replica lacking']);
    expect(made.view?.backlog()).toMatchObject({ repairs: 1, moves: 0, transfers: [{ kind: 'refill', to: 'data-3' }] });
    made.ask({ kind: 'object.delete', key: 'k', condition: { kind: 'none' }, token: 'client-1.1.99' });
    expect(copies(made, 'data-1')).toEqual(['b1 replica garbage']);
    expect(copies(made, 'nobody')).toEqual([]);
  });

  it('tells what waits for a node, and which blocks are condemned', () => {
    const made = cluster();
    made.ask({ kind: 'admin.scrub', node: 'data-2' });
    const waiting = made.view?.backlog()?.orders;
    expect(waiting?.filter((order) => order.waiting > 0)).toEqual([{ node: 'data-2', waiting: 1 }]);
    made.write('never committed', { partition: 2 });
    made.run(20_000);
    expect([...(made.view?.condemned() ?? [])]).toEqual(['b1']);
    expect(made.view).toMatchObject({ leads: true, map: made.map() });
  });

  it('is nothing of the leader’s before there is one', () => {
    const made = new TestCluster();
    made.world.crash('metadata-1', { mode: 'process' });
    made.world.restart('metadata-1');
    expect([made.view?.leads, made.view?.backlog()]).toEqual([false, undefined]);
  });
});
