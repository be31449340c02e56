import fc from 'fast-check';
import type { NodeId } from '../../../../host.ts';
import type { Command } from '../commands.ts';
import type { StateOptions } from '../state.ts';

/** For tests: anything that may stand in a log, over a world so small that the commands meet. */

export const options: StateOptions = {
  partitions: 2,
  replication: 2,
  writeQuorum: 1,
  stragglerGraceMs: 5,
  tombstoneMs: 30,
  tokenRevisions: 12,
  listHistory: { versions: 6, ms: 60 },
  orphans: { graceMs: 10, condemnedMs: 40 },
};

export const nodes: readonly NodeId[] = ['n1', 'n2', 'n3', 'n4'];

/** Commands of every kind over a small world, so that they meet: fitting ones and ones that don't fit. */
const command: fc.Arbitrary<Command> = (() => {
  const node = fc.constantFrom(...nodes);
  const partition = fc.nat(1);
  const key = fc.constantFrom('a', 'ab', 'b', 'c');
  const id = fc.nat(12).map((n) => `b${n}.1.1`);
  const at = fc.record({ id, partition });
  const token = fc.record({ writer: fc.nat(30), counter: fc.nat(6) }).map((t) => `w${t.writer}.1.${t.counter}`);
  const transferId = fc.nat(1);
  const atMs = fc.nat(100);
  const condition = fc.oneof(
    { weight: 8, arbitrary: fc.constant({ kind: 'none' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'if-absent' } as const) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('if-generation' as const), generation: fc.nat(20) }) },
  );
  const description = fc.record({ id: node, diskId: fc.constantFrom('d1', 'd2'), incarnation: fc.nat(3) });
  const block = fc.record({ id, partition, sizeBytes: fc.nat(9), checksum: fc.constant(1) });
  const some = <T>(items: fc.Arbitrary<T>) => fc.array(items, { maxLength: 4 });
  const commit = fc
    .record({
      kind: fc.constant('object.commit' as const),
      atMs,
      key,
      blocks: some(block),
      condition,
      token,
      ack: fc.subarray([...nodes], { minLength: 1 }),
    })
    .map(({ blocks, ack, ...rest }) => {
      const distinct = blocks.filter((one, index) => blocks.findIndex((other) => other.id === one.id) === index);
      return {
        ...rest,
        blocks: distinct,
        acked: distinct.map(() => ack),
        sizeBytes: distinct.reduce((sum, one) => sum + one.sizeBytes, 0),
      };
    });
  const move = fc.record({
    transferId,
    partition,
    from: node,
    to: node,
    cause: fc.constantFrom('join' as const, 'repair' as const),
    why: fc.constant(''),
  });
  const end = fc.record({
    transferId,
    outcome: fc.constantFrom('done' as const, 'done' as const, 'cancelled' as const, 'failed' as const),
    why: fc.constant(''),
    blocks: fc.constant(0),
    bytes: fc.constant(0),
  });
  return fc.oneof(
    { weight: 6, arbitrary: commit },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('object.delete' as const), atMs, key, condition, token }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('object.copy' as const), atMs, key, from: key, condition, token }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('orphans.condemn' as const),
        atMs,
        blocks: some(at),
        strays: fc.array(fc.record({ partition, node }), { maxLength: 1 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('planning.pause' as const),
        atMs,
        what: fc.constantFrom('rebalance' as const, 'repair' as const, 'all' as const),
        paused: fc.boolean(),
        epoch: fc.oneof(fc.nat(6), fc.constant('any' as const)),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('blocks.confirm' as const),
        atMs,
        confirmed: some(fc.record({ id, partition, node })),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('node.report' as const),
        atMs,
        node,
        held: some(at),
        lacking: some(at),
        dropped: some(partition),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('blocks.lost' as const), atMs, blocks: some(at) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('garbage.collected' as const), atMs, blocks: some(at) }) },
    {
      weight: 3,
      arbitrary: fc
        .record({
          kind: fc.constant('node.register' as const),
          atMs,
          node: description,
          knownDisk: fc.constantFrom('d1', 'd2'),
          liveness: fc.constant('up' as const),
        })
        .map((one) => ({
          ...one,
          node: { ...one.node, zone: 'a', rack: 'r', host: 'h', weight: 1, capacityBytes: 1 },
        })),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('nodes.liveness' as const),
        atMs,
        changes: some(
          fc.record({
            node,
            incarnation: fc.nat(3),
            liveness: fc.constantFrom('up' as const, 'down' as const),
            why: fc.constant(''),
          }),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('nodes.condition' as const),
        atMs,
        changes: some(
          fc.record({ node, incarnation: fc.nat(3), why: fc.constant('') }).chain((base) =>
            fc.oneof(
              fc.boolean().map((gray) => ({ ...base, about: 'gray' as const, gray })),
              fc
                .constantFrom('ok' as const, 'read-only' as const)
                .map((fullness) => ({ ...base, about: 'fullness' as const, fullness })),
            ),
          ),
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('node.membership' as const),
        atMs,
        node,
        membership: fc.constantFrom('active' as const, 'joining' as const, 'draining' as const, 'left' as const),
        why: fc.constant(''),
        epoch: fc.constant('any' as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('node.weight' as const),
        atMs,
        node,
        weight: fc.integer({ min: 1, max: 3 }),
        epoch: fc.nat(6),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('node.replace' as const), atMs, node }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('moves.change' as const),
        atMs,
        begin: some(move),
        end: some(end),
        drop: some(fc.record({ partition, node })),
      }),
    },
  );
})();

/** All nodes and the first map, then anything. */
export const course = fc.array(command, { maxLength: 80, size: 'max' }).map((commands): readonly Command[] => [
  ...nodes.map(
    (id): Command => ({
      kind: 'node.register',
      atMs: 0,
      node: { id, diskId: 'd1', incarnation: 1, zone: 'a', rack: 'r', host: 'h', weight: 1, capacityBytes: 1 },
      knownDisk: '',
      liveness: 'up',
    }),
  ),
  {
    kind: 'map.create',
    atMs: 0,
    owners: [
      ['n1', 'n2'],
      ['n2', 'n3'],
    ],
  },
  ...commands,
]);
