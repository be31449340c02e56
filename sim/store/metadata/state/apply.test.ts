import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../host.ts';
import { MetadataMachine } from './apply.ts';
import type { Command } from './commands.ts';
import type { Partition } from './partition.ts';
import type { StateOptions } from './state.ts';

const options: StateOptions = {
  partitions: 2,
  replication: 2,
  writeQuorum: 1,
  stragglerGraceMs: 5,
  tombstoneMs: 30,
  tokenRevisions: 12,
};

const nodes: readonly NodeId[] = ['n1', 'n2', 'n3', 'n4'];

/** Commands of every kind over a small world, so that they meet: fitting ones and ones that don't fit. */
const command: fc.Arbitrary<Command> = (() => {
  const node = fc.constantFrom(...nodes);
  const partition = fc.nat(1);
  const key = fc.constantFrom('a', 'ab', 'b', 'c');
  const id = fc.nat(12).map((n) => `b${n}`);
  const at = fc.record({ id, partition });
  const token = fc.nat(200).map((n) => `t${n}`);
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
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('node.membership' as const),
        atMs,
        node,
        membership: fc.constantFrom('active' as const, 'draining' as const, 'left' as const),
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
const course = fc.array(command, { maxLength: 80, size: 'max' }).map((commands): readonly Command[] => [
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

function replay(commands: readonly Command[], machine = new MetadataMachine(options), done = 0): MetadataMachine {
  commands.slice(done).forEach((one, index) => {
    machine.apply(done + index + 1, one);
  });
  return machine;
}

function textOf(machine: MetadataMachine): readonly string[] {
  return [...machine.snapshot()];
}

const runs = { seed: 1, numRuns: 120 };

describe('the state machine', () => {
  it('comes to the same state from the log as it was written to disk', () => {
    fc.assert(
      fc.property(course, (commands) => {
        const read: Command[] = commands.map((one) => JSON.parse(JSON.stringify(one)));
        expect(textOf(replay(read))).toEqual(textOf(replay(commands)));
      }),
      runs,
    );
  });

  it('comes to the same state and the same answers from a snapshot and the rest of the log', () => {
    fc.assert(
      fc.property(course, fc.nat(), (commands, cut) => {
        const done = cut % (commands.length + 1);
        const whole = replay(commands.slice(0, done));
        const restored = new MetadataMachine(options);
        restored.restore(textOf(whole));
        expect(restored.state.map).toEqual(whole.state.map);
        commands.slice(done).forEach((one, index) => {
          expect(restored.apply(done + index + 1, one)).toEqual(whole.apply(done + index + 1, one));
        });
        expect(textOf(restored)).toEqual(textOf(whole));
        expect(restored.state.map).toEqual(whole.state.map);
      }),
      runs,
    );
  });

  it('keeps its books in order whatever it is told', () => {
    fc.assert(
      fc.property(course, (commands) => {
        const machine = new MetadataMachine(options);
        const { state } = machine;
        let generation = 0;
        commands.forEach((one, index) => {
          const before = state.map;
          const result = machine.apply(index + 1, one);
          expect(state.map.epoch - before.epoch).toBe(state.map === before ? 0 : 1);
          if (result.kind === 'object.committed' && result.generation === index + 1) {
            expect(result.generation).toBeGreaterThan(generation);
            generation = result.generation;
          }
          if (state.created) for (const partition of state.partitions) expectInOrder(partition);
          const moving = [...state.moves.values()].map((move) => move.partition);
          expect(new Set(moving).size).toBe(moving.length);
          for (const partition of state.partitions) {
            expect(partition.joining).toHaveLength(moving.includes(partition.number) ? 1 : 0);
          }
        });
        const referenced = [...state.objects.versions()].flatMap((version) => version.blocks);
        expect(referenced.length).toBe(state.partitions.reduce((sum, partition) => sum + partition.blocks.size, 0));
      }),
      runs,
    );
  });

  it('never has fewer good copies because replicas change hands', () => {
    fc.assert(
      fc.property(course, (commands) => {
        const machine = new MetadataMachine(options);
        commands.forEach((one, index) => {
          const before = machine.state.partitions.map(copies);
          machine.apply(index + 1, one);
          if (one.kind !== 'moves.change') return;
          machine.state.partitions.forEach((partition, number) => {
            for (const [id, count] of copies(partition)) {
              const kept = before[number]?.get(id) ?? 0;
              // A drop gives up a surplus copy only while every owner has the block.
              if (count < Math.min(kept, options.replication))
                expect.fail(`${id}: ${count} copies of ${kept} are left`);
            }
          });
        });
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  it('answers a repeated token as at first, and forgets it after tokenRevisions', () => {
    const machine = replay(course0());
    const commit: Command = {
      kind: 'object.commit',
      atMs: 1,
      key: 'k',
      sizeBytes: 0,
      blocks: [],
      acked: [],
      condition: { kind: 'none' },
      token: 't',
    };
    const first = machine.apply(6, commit);
    expect(machine.apply(7, commit)).toEqual(first);
    for (let i = 0; i < 12; i++) machine.apply(8 + i, { ...commit, token: `other ${i}` });
    expect(machine.apply(20, commit)).toEqual({ kind: 'object.committed', generation: 20 });
  });

  it('keeps a tombstone until its blocks are gone and it is old enough', () => {
    const machine = replay(course0());
    const block = { id: 'b', partition: 0, sizeBytes: 1, checksum: 1 };
    const { objects } = machine.state;
    machine.apply(5, {
      kind: 'object.commit',
      atMs: 1,
      key: 'k',
      sizeBytes: 1,
      blocks: [block],
      acked: [['n1']],
      condition: { kind: 'none' },
      token: 't',
    });
    machine.apply(7, { kind: 'object.delete', atMs: 2, key: 'k', condition: { kind: 'none' }, token: 'u' });
    machine.apply(8, { kind: 'garbage.collected', atMs: 50, blocks: [] });
    expect(objects.tombstones.size).toBe(1);
    machine.apply(9, { kind: 'garbage.collected', atMs: 50, blocks: [{ id: 'b', partition: 0 }] });
    expect(objects.tombstones.size).toBe(0);
  });
});

function course0(): readonly Command[] {
  return fc.sample(course, { seed: 1, numRuns: 1 })[0]?.slice(0, 5) ?? [];
}

/** By block: holders that have it. */
function copies(partition: Partition): Map<string, number> {
  const holders = partition.holders();
  return new Map(
    [...partition.blocks.keys()].map((id) => [id, holders.filter((node) => !partition.lacks(node, id)).length]),
  );
}

/** One comparison a partition, for expectations are slow: what is out of order, in words. */
function expectInOrder(partition: Partition): void {
  const { blocks, missing, lost, garbage, dropping, replicas } = partition;
  const holders = partition.holders();
  const wrong: string[] = [];
  if (new Set(holders).size !== holders.length) wrong.push(`holds twice: ${holders.join(', ')}`);
  if (replicas.length !== options.replication) wrong.push(`${replicas.length} replicas`);
  for (const node of dropping) if (holders.includes(node)) wrong.push(`${node} drops what it holds`);
  for (const [node, ids] of missing) {
    if (!holders.includes(node)) wrong.push(`${node} lacks blocks and is no holder`);
    if (ids.size === 0) wrong.push(`${node} lacks nothing`);
    for (const id of ids.keys()) if (!blocks.has(id)) wrong.push(`${node} lacks ${id}, which is not committed`);
  }
  for (const id of lost) if (!blocks.has(id)) wrong.push(`${id} is lost and not committed`);
  for (const id of garbage.keys()) if (blocks.has(id)) wrong.push(`${id} is garbage and committed`);
  let bytes = 0;
  for (const block of blocks.values()) bytes += block.sizeBytes;
  if (bytes !== partition.bytes) wrong.push(`${partition.bytes} bytes, should be ${bytes}`);
  expect(wrong).toEqual([]);
}
