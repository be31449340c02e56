import { describe, expect, it } from 'vitest';
import type { NodeCommand } from '../messages/node.ts';
import { HEARTBEAT_MS, isBlock, Rig, Rot, testBlock } from './testdata/rig.ts';

const BLOCKS = Array.from({ length: 30 }, (_, n) => testBlock(`c.1.${n}.`, 40, 1_000));

function transfer(bytesPerSecond: number, commandId = 1): NodeCommand {
  const blocks = BLOCKS.map(({ ref }) => ref);
  return {
    kind: 'transfer',
    commandId,
    transferId: commandId,
    partition: 7,
    cause: 'repair',
    blocks,
    sources: ['data-2'],
    bytesPerSecond,
  };
}

function rigWithSource(): Rig {
  const rig = new Rig({ nodes: 2, config: { transferTimeoutMs: 500 } });
  for (const block of BLOCKS) rig.add(block, 'data-2');
  return rig;
}

describe('the order to pace transfers', () => {
  const copied = (rig: Rig): number => rig.storeEvents('copied').length;

  it('slows and quickens those that run, at once', () => {
    const rig = rigWithSource();
    rig.order(transfer(2_000));
    rig.order({ kind: 'pace-transfers', commandId: 2, bytesPerSecond: 10 });
    const before = copied(rig);
    rig.run(8_000);
    expect(copied(rig) - before).toBeLessThanOrEqual(2);
    rig.order({ kind: 'pace-transfers', commandId: 3, bytesPerSecond: 1e9 });
    const quick = copied(rig);
    rig.run(3_000);
    // No faster than the transfer's own limit of two a second.
    expect(copied(rig) - quick).toBeGreaterThanOrEqual(5);
    expect(copied(rig) - quick).toBeLessThanOrEqual(7);
  });

  it('holds for those that come later', () => {
    const rig = rigWithSource();
    rig.order({ kind: 'pace-transfers', commandId: 5, bytesPerSecond: 1_000 });
    rig.order(transfer(1e9));
    rig.run(5_000);
    expect(copied(rig)).toBeGreaterThanOrEqual(5);
    expect(copied(rig)).toBeLessThanOrEqual(7);
  });

  it.each([0, -5, Number.NaN])('to %d changes nothing: no order may stop repairs for good', (bytesPerSecond) => {
    const rig = rigWithSource();
    rig.order({ kind: 'pace-transfers', commandId: 5, bytesPerSecond });
    rig.order(transfer(1e9));
    rig.run(1_000);
    expect(copied(rig)).toBe(30);
  });
});

describe('the order to tell the inventory', () => {
  it('is answered with every good block of the partition, and only then done', () => {
    const rig = new Rig();
    const blocks = [1, 2, 3].map((n) => testBlock(`c.1.${n}.`, 40, 500));
    for (const block of blocks) rig.add(block);
    rig.add(testBlock('elsewhere', 40, 40, 8));
    rig.node().disk.overlays.add(new Rot('c.1.2.', 10));
    rig.run(5_000);
    expect(rig.read(blocks[1] ?? testBlock(''))).toMatchObject({ refusal: 'corrupt' });
    rig.order({ kind: 'inventory', commandId: 4, partition: 7 });
    expect(rig.metadata.inventories).toHaveLength(1);
    const [inventory] = rig.metadata.inventories;
    expect(inventory).toMatchObject({ id: 'data-1', incarnation: 1, commandId: 4, partition: 7 });
    const told = (n: number) => {
      const { id, sizeBytes, checksum } = testBlock(`c.1.${n}.`, 40, 500).ref;
      return { id, sizeBytes, checksum, ageMs: expect.any(Number) };
    };
    expect(inventory?.blocks).toEqual([told(1), told(3)]);
    for (const { ageMs } of inventory?.blocks ?? []) {
      expect(ageMs).toBeGreaterThan(5_000);
      expect(ageMs).toBeLessThan(5_000 + 2 * HEARTBEAT_MS);
    }
  });

  it('tells no age that is more than the true one, after a restart', () => {
    const rig = new Rig();
    rig.add(testBlock('c.1.1'));
    rig.run(60_000);
    rig.restart();
    rig.order({ kind: 'inventory', commandId: 4, partition: 7 });
    expect(rig.metadata.inventories[0]?.blocks[0]?.ageMs).toBeLessThan(5_000);
  });

  it('of a partition that is not here is answered with nothing', () => {
    const rig = new Rig();
    rig.order({ kind: 'inventory', commandId: 4, partition: 99 });
    expect(rig.metadata.inventories[0]?.blocks).toEqual([]);
  });
});

describe('a peer that cannot be reached', () => {
  it('is told of in the beats, until it answers or some time has passed', () => {
    const rig = rigWithSource();
    rig.world.crash('data-2', { mode: 'machine' });
    rig.order(transfer(1e9));
    rig.run(3_000);
    expect(rig.metadata.lastBeat('data-1').unreachable).toEqual(['data-2']);
    rig.run(40_000);
    expect(rig.metadata.lastBeat('data-1').unreachable).toEqual([]);
  });

  it('is no longer told of once it answered', () => {
    const rig = rigWithSource();
    rig.world.crash('data-2', { mode: 'process' });
    rig.order(transfer(1e9));
    rig.run(1_500);
    expect(rig.metadata.lastBeat('data-1').unreachable).toEqual(['data-2']);
    rig.world.restart('data-2');
    rig.run(1_000);
    rig.order(transfer(1e9, 2));
    rig.run(2_000);
    expect(rig.metadata.lastBeat('data-1').unreachable).toEqual([]);
  });
});

describe('a node that wants to leave', () => {
  it('serves until it is released', () => {
    const rig = new Rig();
    const process = rig.processes.get('data-1');
    const block = testBlock('c.1.1');
    rig.add(block);
    expect(process?.stay).toBe('staying');
    process?.leave();
    rig.run(3_500);
    expect(process?.stay).toBe('leaving');
    expect(isBlock(rig.read(block), block)).toBe(true);
    expect(rig.add(testBlock('c.1.2'))).toMatchObject({ kind: 'block.stored' });
    rig.metadata.released = true;
    rig.run(1_500);
    expect(process?.stay).toBe('released');
    expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('asks on while metadata is silent', () => {
    const rig = new Rig();
    const process = rig.processes.get('data-1');
    rig.metadata.silent = true;
    process?.leave();
    rig.run(2_500);
    rig.metadata.silent = false;
    rig.metadata.released = true;
    rig.run(2_500);
    expect(process?.stay).toBe('released');
  });
});
