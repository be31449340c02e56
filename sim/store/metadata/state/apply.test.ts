import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MetadataMachine } from './apply.ts';
import type { Command } from './commands.ts';
import type { Partition } from './partition.ts';
import { faultsInPartition, faultsInReferences } from './testing/books.ts';
import { course, options } from './testing/courses.ts';

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
          const wrong = state.created
            ? [...state.partitions.flatMap(faultsInPartition), ...faultsInReferences(state)]
            : [];
          if (state.map.epoch - before.epoch !== (state.map === before ? 0 : 1)) wrong.push(`epoch ${state.map.epoch}`);
          if (result.kind === 'object.committed' && result.generation === index + 1) {
            if (result.generation <= generation) wrong.push(`generation ${result.generation} after ${generation}`);
            generation = result.generation;
          }
          const moving = [...state.moves.values()].map((move) => move.partition);
          if (new Set(moving).size !== moving.length) wrong.push(`two moves in one of ${moving.join(', ')}`);
          for (const { number, joining } of state.partitions) {
            if (joining.length !== (moving.includes(number) ? 1 : 0)) wrong.push(`${joining.length} join ${number}`);
          }
          // One comparison a step, for expectations are slow.
          if (wrong.length > 0) expect.fail(`after ${JSON.stringify(one)}: ${wrong.join('; ')}`);
        });
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

  it('answers a repeated token as at first, and refuses it after tokenRevisions', () => {
    const machine = replay(course0());
    const commit: Command = {
      kind: 'object.commit',
      atMs: 1,
      key: 'k',
      sizeBytes: 0,
      blocks: [],
      acked: [],
      condition: { kind: 'none' },
      token: 'w.9.1',
    };
    const first = machine.apply(6, commit);
    expect(machine.apply(7, commit)).toEqual(first);
    for (let i = 0; i < 12; i++) machine.apply(8 + i, { ...commit, token: `other.1.${i}` });
    expect(machine.apply(20, commit)).toMatchObject({
      kind: 'object.conflict',
      detail: expect.stringMatching(/^token: found w\.9\.1/),
    });
    expect(machine.state.objects.get('k')?.generation).toBe(19);
  });

  it('keeps a tombstone until its blocks are gone and it is old enough', () => {
    const machine = replay(course0());
    const block = { id: 'b', partition: 0, sizeBytes: 1, checksum: 1 };
    const { objects } = machine.state;
    machine.apply(6, {
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
