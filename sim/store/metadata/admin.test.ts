import { describe, expect, it } from 'vitest';
import type { MetadataReply, MetadataRequest } from '../messages/metadata.ts';
import { TestCluster } from './testdata/test-cluster.ts';

function cluster(): TestCluster {
  const made = new TestCluster();
  for (const [id, zone] of [
    ['data-1', 'a'],
    ['data-2', 'b'],
    ['data-3', 'c'],
  ] as const)
    made.addNode(id, zone);
  made.run(5_000);
  return made;
}

function expectKind<Kind extends MetadataReply['kind']>(
  reply: ReturnType<TestCluster['ask']>,
  kind: Kind,
): Extract<MetadataReply, { kind: Kind }> {
  if (typeof reply === 'string' || !hasKind(reply, kind)) throw new Error(`not ${kind}: ${JSON.stringify(reply)}`);
  return reply;
}

function hasKind<Kind extends MetadataReply['kind']>(
  reply: MetadataReply,
  kind: Kind,
): reply is Extract<MetadataReply, { kind: Kind }> {
  return reply.kind === kind;
}

const everything: { readonly kind: 'none' } = { kind: 'none' };

describe('a scrub', () => {
  const ordered = (made: TestCluster) =>
    [...made.nodes].map(([id, { heard }]) => {
      const scrubs = heard.flatMap((command) => (command.kind === 'scrub' ? [command.commandId] : []));
      return `${id} ${new Set(scrubs).size}`;
    });

  it('is ordered of one node, or of all that are not down', () => {
    const made = cluster();
    expect(made.ask({ kind: 'admin.scrub', node: 'data-2' })).toMatchObject({ kind: 'admin.done' });
    made.run(3_000);
    expect(ordered(made)).toEqual(['data-1 0', 'data-2 1', 'data-3 0']);
    expect(made.ask({ kind: 'admin.scrub' })).toMatchObject({ kind: 'admin.done' });
    made.run(3_000);
    expect(ordered(made)).toEqual(['data-1 1', 'data-2 2', 'data-3 1']);
  });

  it('that waits for its node is not ordered twice', () => {
    const made = cluster();
    for (let i = 0; i < 3; i++) made.ask({ kind: 'admin.scrub', node: 'data-1' });
    made.run(3_000);
    expect(ordered(made)[0]).toBe('data-1 1');
  });

  it('of a node that is unknown or down is refused', () => {
    const made = cluster();
    made.world.crash('data-3', { mode: 'machine' });
    made.run(60_000);
    for (const node of ['data-9', 'data-3'])
      expect(made.ask({ kind: 'admin.scrub', node })).toEqual({
        kind: 'admin.refused',
        detail: `node: found ${node}, accepted: data-1, data-2`,
      });
  });
});

describe('a pause', () => {
  it('of rebalancing keeps a new node empty until it is taken back', () => {
    const made = cluster();
    for (let partition = 0; partition < 8; partition++) made.put(`k${partition}`, { partition });
    const { epoch } = made.map();
    expect(made.ask({ kind: 'admin.pause', what: 'rebalance', paused: true, epoch: epoch + 9 })).toMatchObject({
      kind: 'admin.refused',
      detail: expect.stringMatching(/^epoch: found/),
    });
    expect(made.ask({ kind: 'admin.pause', what: 'rebalance', paused: true, epoch })).toMatchObject({
      kind: 'admin.done',
    });
    made.addNode('data-4', 'a');
    made.run(20_000);
    expect(made.eventsOf('move-started')).toEqual([]);
    expect(made.ask({ kind: 'admin.status' })).toMatchObject({ paused: { rebalance: true, repair: false } });
    const plan = expectKind(made.ask({ kind: 'admin.plan' }), 'admin.planned');
    expect(plan.moves.length).toBeGreaterThan(0);
    expect(plan.moves.every((move) => move.to === 'data-4' && move.held !== '')).toBe(true);
    expect(plan.after.deviation).toBeLessThan(plan.before.deviation);
    expect(made.eventsOf('move-started')).toEqual([]);
    made.ask({ kind: 'admin.pause', what: 'all', paused: false, epoch: 'any' });
    made.run(20_000);
    expect(made.eventsOf('move-started').length).toBeGreaterThan(0);
  });

  it('of repair outlasts a restart of the leader', () => {
    const made = cluster();
    made.ask({ kind: 'admin.pause', what: 'repair', paused: true, epoch: 'any' });
    made.world.crash('metadata-1', { mode: 'process' });
    made.world.restart('metadata-1');
    made.run(5_000);
    const owners = made.map().partitions[0]?.replicas ?? [];
    const { block, request } = made.write('k', { on: owners.slice(0, 2) });
    made.ask(request);
    made.run(15_000);
    expect(made.nodes.get(owners[2] ?? '')?.blocks.has(block.id)).toBe(false);
    made.ask({ kind: 'admin.pause', what: 'repair', paused: false, epoch: 'any' });
    made.run(10_000);
    expect(made.nodes.get(owners[2] ?? '')?.blocks.has(block.id)).toBe(true);
  });
});

describe('a trace of a key', () => {
  it('says where each block is and why', () => {
    const made = cluster();
    made.put('k');
    made.ask({ kind: 'object.copy', key: 'twin', from: 'k', condition: everything, token: 'admin.1.1' });
    const trace = expectKind(made.ask({ kind: 'admin.trace', key: 'twin' }), 'admin.traced');
    expect(trace).toMatchObject({ state: 'live', epoch: made.map().epoch });
    expect(trace.blocks).toHaveLength(1);
    const [block] = trace.blocks;
    expect(block?.holders.map(({ node, role, copy }) => `${node} ${role} ${copy}`).sort()).toEqual([
      'data-1 replica held',
      'data-2 replica held',
      'data-3 replica held',
    ]);
    expect([...(block?.placement ?? [])].sort()).toEqual(['data-1', 'data-2', 'data-3']);
    expect(block?.words.join('\n')).toMatch(/2 objects share it/);
  });

  it('tells a key that was deleted from one that never was', () => {
    const made = cluster();
    made.put('k');
    made.ask({ kind: 'object.delete', key: 'k', condition: everything, token: 'admin.1.1' });
    const words = [expect.stringMatching(/^k was deleted/), expect.stringMatching(/^1 of its blocks/)];
    expect(made.ask({ kind: 'admin.trace', key: 'k' })).toMatchObject({ state: 'deleted', words });
    expect(made.ask({ kind: 'admin.trace', key: 'other' })).toMatchObject({ state: 'absent', generation: 0 });
  });
});

describe('the list of losses', () => {
  it('names the objects that cannot be read any more', () => {
    const made = cluster();
    made.put('k');
    made.ask({ kind: 'object.copy', key: 'twin', from: 'k', condition: everything, token: 'admin.1.1' });
    expect(expectKind(made.ask({ kind: 'admin.lost' }), 'admin.losses').blocks).toEqual([]);
    for (const node of made.nodes.values()) {
      node.corrupt = [{ id: 'b1', partition: 0 }];
      node.blocks.delete('b1');
    }
    made.run(10_000);
    expect(expectKind(made.ask({ kind: 'admin.lost' }), 'admin.losses').blocks).toEqual([
      { id: 'b1', partition: 0, sizeBytes: 1_000, keys: ['k', 'twin'] },
    ]);
    expect(made.ask({ kind: 'admin.status' })).toMatchObject({ lostBlocks: 1, objects: 2 });
  });
});

describe('bad input', () => {
  const { token, condition } = { token: 'c.1.1', condition: everything };
  const list = { kind: 'object.list', prefix: '', after: '', limit: 9 } as const;
  const cases: readonly (readonly [MetadataRequest, RegExp])[] = [
    [{ ...list, limit: -1 }, /^limit: found -1, accepted: 1 to 1000/],
    [{ ...list, revision: -1 }, /^revision: found -1, accepted: a whole number/],
    [{ ...list, revision: 1.5 }, /^revision: found 1.5/],
    [{ ...list, revision: 1_000_000 }, /^revision: found 1000000, accepted: 0 to/],
    [{ kind: 'object.copy', key: 'k', from: '', condition, token }, /^from: found ""/],
    [{ kind: 'object.copy', key: '', from: 'k', condition, token }, /^key: found ""/],
    [
      { kind: 'object.copy', key: 'k', from: 'k', condition, token: 'mine' },
      /^token: found "mine", accepted: <client>/,
    ],
    [{ kind: 'object.delete', key: 'k', condition, token: '' }, /^token: found ""/],
    [{ kind: 'admin.trace', key: '' }, /^key: found ""/],
    [{ kind: 'admin.pause', what: 'all', paused: true, epoch: -1 }, /^epoch: found -1, accepted: .*'any'/],
    [{ kind: 'node.leave', id: '', incarnation: 1 }, /^id: found ""/],
    [{ kind: 'admin.scrub', node: '' }, /^node: found "", accepted: the name of a data node/],
    [
      {
        kind: 'node.inventory',
        id: 'data-1',
        incarnation: 1,
        commandId: 1,
        partition: 99,
        blocks: [],
        controlBytes: 0,
      },
      /^partition: found 99, accepted: 0 to 7/,
    ],
    [
      { kind: 'health.report', windowMs: 0, getP99Ms: undefined, gets: 0, nodes: [], controlBytes: 0 },
      /^windowMs: found 0/,
    ],
  ];

  it('is refused with the field, what was found and what is accepted', () => {
    const made = cluster();
    for (const [request, detail] of cases) {
      expect(made.ask(request)).toEqual({ kind: 'metadata.bad-request', detail: expect.stringMatching(detail) });
    }
  });
});
