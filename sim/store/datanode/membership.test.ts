import { describe, expect, it } from 'vitest';
import { blockDigest } from './block-digest.ts';
import { deleteRequest, HEARTBEAT_MS, isBlock, LEASE_MS, Rig, testBlock } from './testdata/rig.ts';

const refused = (refusal: string) => expect.objectContaining({ kind: 'block.refused', refusal });

describe('registration', () => {
  it('tells who the node is, and its disk keeps its name over restarts', () => {
    const rig = new Rig();
    rig.restart();
    const [first, second] = rig.metadata.registrations;
    expect(first).toMatchObject({ id: 'data-1', incarnation: 1, zone: 'z1', rack: 'r1', host: 'h1', weight: 1 });
    expect(second).toMatchObject({ id: 'data-1', incarnation: 2, diskId: first?.diskId });
    rig.world.crash('data-1', { mode: 'process' });
    rig.wipe();
    rig.world.restart('data-1');
    rig.awaitLease('data-1');
    expect(rig.metadata.registrations[2]?.diskId).not.toBe(first?.diskId);
  });

  it('comes only after the disk was read, and the node serves by then', () => {
    const rig = new Rig({ disk: { seekMs: 500 } });
    rig.add(testBlock('c.1.1'));
    rig.world.crash('data-1', { mode: 'process' });
    rig.world.restart('data-1');
    const early = rig.send({ kind: 'block.copy', id: 'c.1.1', partition: 7 });
    rig.run(400);
    expect(early.failure).toBe('refused');
    expect(rig.metadata.registrations).toHaveLength(1);
    rig.kernel.runUntil(() => rig.metadata.registrations.length === 2, rig.kernel.nowMs + 10_000);
    expect(rig.ask({ kind: 'block.copy', id: 'c.1.1', partition: 7 })).toMatchObject({ kind: 'block.data' });
  });

  it('finds the leader among several members, and follows it', () => {
    const rig = new Rig({ metadata: ['metadata-1', 'metadata-2', 'metadata-3'] });
    rig.metadata.leader = 'metadata-3';
    const beats = rig.metadata.beats.length;
    rig.run(3 * HEARTBEAT_MS);
    expect(rig.metadata.beats.length).toBeGreaterThan(beats);
    rig.world.crash('metadata-3', { mode: 'machine' });
    rig.metadata.leader = 'metadata-2';
    rig.awaitLease('data-1');
    expect(rig.add(testBlock('c.1.1'))).toMatchObject({ kind: 'block.stored' });
  });

  it('is repeated by the node itself when metadata does not know it any more', () => {
    const rig = new Rig();
    rig.metadata.forgetful = true;
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.registrations).toHaveLength(2);
    expect(rig.add(testBlock('c.1.1'))).toMatchObject({ kind: 'block.stored' });
  });
});

describe('the lease', () => {
  it('fences writes off once it has run out, never reads, and heals by itself', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1');
    rig.add(block);
    rig.metadata.silent = true;
    const start = rig.kernel.nowMs;
    rig.run(LEASE_MS - HEARTBEAT_MS - 100);
    expect(rig.add(testBlock('c.1.2'))).toMatchObject({ kind: 'block.stored' });
    rig.run(start + LEASE_MS + 100 - rig.kernel.nowMs);
    expect(rig.add(testBlock('c.1.3'))).toEqual(refused('fenced'));
    expect(rig.ask(deleteRequest(block))).toEqual(refused('fenced'));
    expect(isBlock(rig.read(block), block)).toBe(true);
    rig.metadata.silent = false;
    rig.awaitLease('data-1');
    expect(rig.add(testBlock('c.1.3'))).toMatchObject({ kind: 'block.stored' });
  });

  it('runs from the moment when the beat was sent, so it never outlives the leader’s', () => {
    const rig = new Rig();
    const lastBeatMs = rig.kernel.nowMs - 1;
    rig.world.pause('metadata-1');
    rig.run(HEARTBEAT_MS + 900);
    // The beat of one interval after the last is answered only now; what it grants began when it was sent.
    rig.world.resume('metadata-1');
    rig.run(20);
    rig.metadata.silent = true;
    const endMs = lastBeatMs + HEARTBEAT_MS + LEASE_MS;
    rig.run(endMs - 50 - rig.kernel.nowMs);
    expect(rig.add(testBlock('c.1.1'))).toMatchObject({ kind: 'block.stored' });
    rig.run(endMs + 10 - rig.kernel.nowMs);
    expect(rig.add(testBlock('c.1.2'))).toEqual(refused('fenced'));
  });
});

describe('the epoch', () => {
  it('of a write may not be older than that of another in the same partition', () => {
    const rig = new Rig();
    rig.add(testBlock('c.1.1', 40, 40, 7), 'data-1', 5);
    expect(rig.add(testBlock('c.1.2', 40, 40, 7), 'data-1', 4)).toMatchObject({ refusal: 'stale-epoch', epoch: 5 });
    expect(rig.add(testBlock('c.1.3', 40, 40, 8), 'data-1', 4)).toMatchObject({ kind: 'block.stored' });
    expect(rig.add(testBlock('c.1.2', 40, 40, 7), 'data-1', 6)).toMatchObject({ kind: 'block.stored' });
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.lastBeat().epoch).toBe(6);
  });

  it('at registration bars all older writers, so a crash forgets no fence', () => {
    const rig = new Rig();
    rig.add(testBlock('c.1.1'), 'data-1', 5);
    rig.metadata.epoch = 6;
    rig.restart();
    expect(rig.add(testBlock('c.1.2'), 'data-1', 5)).toMatchObject({ refusal: 'stale-epoch', epoch: 6 });
    expect(rig.add(testBlock('c.1.2'), 'data-1', 6)).toMatchObject({ kind: 'block.stored' });
  });
});

describe('the inventory in a heartbeat', () => {
  it('is the digest of what is here, whatever happened before', () => {
    const rig = new Rig();
    const blocks = [1, 2, 3, 4].map((n) => testBlock(`c.1.${n}`, 40, 40, n === 4 ? 9 : 3));
    for (const block of blocks) rig.add(block);
    const gone = testBlock('c.2.1', 40, 40, 3);
    rig.add(gone);
    rig.ask(deleteRequest(gone));
    const digest = (members: typeof blocks): number =>
      members.reduce((xor, { ref }) => (xor ^ blockDigest(ref.id, ref.checksum)) >>> 0, 0);
    const expected = [
      [3, digest(blocks.slice(0, 3)), 3],
      [9, digest(blocks.slice(3)), 1],
    ];
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.lastBeat().digests).toEqual(expected);
    rig.restart();
    expect(rig.metadata.lastBeat().digests).toEqual(expected);
  });
});

describe('orders', () => {
  it('delete-blocks removes what is here, and is done too if nothing is', () => {
    const rig = new Rig();
    const blocks = [1, 2, 3].map((n) => testBlock(`c.1.${n}`));
    for (const block of blocks) rig.add(block);
    const refs = [...blocks.slice(0, 2), testBlock('c.9.9')].map(({ ref }) => ({
      id: ref.id,
      partition: ref.partition,
    }));
    rig.order({ kind: 'delete-blocks', commandId: 1, blocks: refs });
    rig.order({ kind: 'delete-blocks', commandId: 2, blocks: refs });
    expect(blocks.map((block) => rig.read(block).kind)).toEqual(['block.refused', 'block.refused', 'block.data']);
    rig.restart();
    expect(blocks.map((block) => rig.read(block).kind)).toEqual(['block.refused', 'block.refused', 'block.data']);
  });

  it('drop-partition removes it all and fences off writers with an older map', () => {
    const rig = new Rig();
    const blocks = [1, 2].map((n) => testBlock(`c.1.${n}`, 40, 40, n));
    for (const block of blocks) rig.add(block);
    rig.order({ kind: 'drop-partition', commandId: 1, partition: 1, epoch: 3 });
    expect(blocks.map((block) => rig.read(block).kind)).toEqual(['block.refused', 'block.data']);
    expect(rig.add(testBlock('c.1.3', 40, 40, 1), 'data-1', 2)).toEqual(refused('stale-epoch'));
  });

  it('drop-partition does nothing if a write came under a newer map', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1', 40, 40, 1);
    rig.add(block, 'data-1', 4);
    rig.order({ kind: 'drop-partition', commandId: 1, partition: 1, epoch: 3 });
    expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('drop-partition does nothing if the node was made an owner since', () => {
    const rig = new Rig({ nodes: 2 });
    const block = testBlock('c.1.1', 40, 40, 1);
    rig.add(block, 'data-2');
    rig.metadata.epoch = 4;
    rig.run(2 * HEARTBEAT_MS);
    const { ref } = block;
    rig.order({
      kind: 'transfer',
      commandId: 1,
      transferId: 1,
      partition: 1,
      cause: 'join',
      blocks: [ref],
      sources: ['data-2'],
      bytesPerSecond: 1e9,
    });
    rig.order({ kind: 'drop-partition', commandId: 2, partition: 1, epoch: 3 });
    rig.run(1_000);
    expect(isBlock(rig.read(block), block)).toBe(true);
    rig.order({ kind: 'drop-partition', commandId: 3, partition: 1, epoch: 4 });
    expect(rig.read(block)).toEqual(refused('absent'));
  });
});
