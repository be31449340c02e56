import { describe, expect, it } from 'vitest';
import {
  addRequest,
  deleteRequest,
  HEARTBEAT_MS,
  isBlock,
  LEASE_MS,
  Rig,
  readRequest,
  testBlock,
} from './testdata/rig.ts';

const refused = (refusal: string) => expect.objectContaining({ kind: 'block.refused', refusal });

describe('a node without a lease', () => {
  it('refuses reads and copies too, if that is its policy', () => {
    const rig = new Rig({ config: { leaseGuards: 'reads-and-writes' } });
    const block = testBlock('c.1.1');
    rig.add(block);
    expect(isBlock(rig.read(block), block)).toBe(true);
    rig.metadata.silent = true;
    rig.run(LEASE_MS + HEARTBEAT_MS);
    expect(rig.read(block)).toEqual(refused('fenced'));
    expect(rig.ask({ kind: 'block.copy', id: 'c.1.1', partition: 7 })).toEqual(refused('fenced'));
    rig.metadata.silent = false;
    rig.awaitLease('data-1');
    expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('acknowledges no write that became durable after the lease had run out', () => {
    const rig = new Rig({ disk: { syncMs: 2_000 } });
    rig.metadata.silent = true;
    rig.run(LEASE_MS - 1_500);
    const late = rig.send(addRequest(testBlock('c.1.1')));
    rig.run(3_000);
    expect(late.reply).toEqual(refused('fenced'));
    rig.metadata.silent = false;
    rig.awaitLease('data-1');
    expect(rig.add(testBlock('c.1.1'))).toMatchObject({ kind: 'block.stored', existed: true });
  });
});

describe('a write under an older epoch', () => {
  it('is refused with what is accepted, also when it had waited for another', () => {
    const rig = new Rig({ disk: { syncMs: 50 } });
    const [first, second] = [testBlock('c.1.1'), testBlock('c.1.2')];
    const answers = [
      rig.send(addRequest(first, 4)),
      rig.send(addRequest(first, 4)),
      rig.send(addRequest(second, 5)),
      rig.send(addRequest(testBlock('c.1.3'), 4)),
    ];
    rig.run(500);
    expect(answers.map(({ reply }) => reply?.kind)).toEqual([
      'block.stored',
      'block.refused',
      'block.stored',
      'block.refused',
    ]);
    for (const n of [1, 3]) {
      expect(answers[n]?.reply).toMatchObject({ refusal: 'stale-epoch', epoch: 5 });
      expect(answers[n]?.reply).toHaveProperty('detail', expect.stringMatching(/^epoch: found 4, accepted .* 5/));
    }
  });

  it('is not acknowledged if the partition was dropped under a newer one before it was durable', () => {
    const rig = new Rig({ disk: { syncMs: 2_000 } });
    const late = rig.send(addRequest(testBlock('c.1.1'), 4));
    rig.metadata.commands.push({ kind: 'drop-partition', commandId: 1, partition: 7, epoch: 5 });
    rig.run(10_000);
    expect(rig.storeEvents('block-accepted')).toHaveLength(1);
    expect(late.reply).toMatchObject({ kind: 'block.refused', refusal: 'stale-epoch', epoch: 5 });
  });

  it('is refused to deletes and updates as to adds', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1');
    rig.add(block, 'data-1', 5);
    expect(rig.ask(deleteRequest(block, 4))).toEqual(refused('stale-epoch'));
    const body = { sizeBytes: 40, bytes: block.bytes };
    expect(rig.ask({ kind: 'block.update', block: block.ref, ifGeneration: 1, epoch: 4, body })).toEqual(
      refused('stale-epoch'),
    );
  });
});

describe('events', () => {
  it('tell of each grant of the lease until when it runs, and of its loss', () => {
    const rig = new Rig();
    rig.run(3 * HEARTBEAT_MS);
    const grants = rig.storeEvents('lease').map(({ untilMs }) => untilMs);
    expect(grants.length).toBeGreaterThanOrEqual(4);
    expect(new Set(grants).size).toBe(grants.length);
    expect(grants.at(-1)).toBeLessThanOrEqual(rig.kernel.nowMs + LEASE_MS);
    expect(grants.at(-1)).toBeGreaterThan(rig.kernel.nowMs + LEASE_MS - 1.1 * HEARTBEAT_MS);
    rig.metadata.forgetful = true;
    rig.run(1.5 * HEARTBEAT_MS);
    expect(rig.storeEvents('lease').slice(grants.length, grants.length + 2)).toEqual([
      { kind: 'lease', untilMs: 0 },
      { kind: 'lease', untilMs: expect.any(Number) },
    ]);
  });

  it('tell of every block that is accepted, under which epochs, and of every one that goes, and why', () => {
    const rig = new Rig({ nodes: 2 });
    const [a, b, c] = [testBlock('a', 40, 40, 1), testBlock('b', 40, 40, 2), testBlock('c', 40, 40, 3)];
    rig.add(a, 'data-1', 3);
    rig.add(a, 'data-1', 3);
    rig.add(b);
    rig.add(c);
    rig.metadata.epoch = 9;
    rig.run(2 * HEARTBEAT_MS);
    rig.ask({
      kind: 'block.update',
      block: { ...b.ref, checksum: a.ref.checksum },
      ifGeneration: 1,
      epoch: 2,
      body: { sizeBytes: 40, bytes: a.bytes },
    });
    const accepted = { kind: 'block-accepted', generation: 1, checksum: expect.any(Number) };
    expect(rig.storeEvents('block-accepted')).toEqual([
      { ...accepted, id: 'a', partition: 1, writerEpoch: 3, nodeEpoch: 3 },
      { ...accepted, id: 'b', partition: 2, writerEpoch: 1, nodeEpoch: 3 },
      { ...accepted, id: 'c', partition: 3, writerEpoch: 1, nodeEpoch: 3 },
      { ...accepted, id: 'b', partition: 2, generation: 2, writerEpoch: 2, nodeEpoch: 9 },
    ]);
    rig.ask(deleteRequest(a, 3));
    rig.order({ kind: 'delete-blocks', commandId: 1, blocks: [{ id: 'b', partition: 2 }], why: 'orphan' });
    rig.order({ kind: 'drop-partition', commandId: 2, partition: 3, epoch: 9 });
    expect(rig.storeEvents('block-removed')).toEqual([
      { kind: 'block-removed', id: 'a', partition: 1, why: 'deleted' },
      { kind: 'block-removed', id: 'b', partition: 2, why: 'orphan' },
      { kind: 'block-removed', id: 'c', partition: 3, why: 'dropped' },
    ]);
  });

  it('tell of a copy under the epoch that counted when it took its place, as of the writes behind it', () => {
    const rig = new Rig({ nodes: 2, disk: { syncMs: 300 } });
    const copied = testBlock('copied');
    rig.add(copied, 'data-2', 3);
    const from = rig.storeEvents('block-accepted').length;
    const transfer = { kind: 'transfer', commandId: 1, transferId: 5, partition: 7, cause: 'repair' } as const;
    rig.metadata.commands.push({ ...transfer, blocks: [copied.ref], sources: ['data-2'], bytesPerSecond: 1e9 });
    const isFilled = () => rig.events.some(({ node, event }) => node === 'data-1' && event.kind === 'copied');
    rig.kernel.runUntil(isFilled, rig.kernel.nowMs + 10_000);
    expect(rig.storeEvents('block-accepted')).toHaveLength(from);
    rig.send(addRequest(testBlock('older'), 4));
    rig.send(addRequest(testBlock('newer'), 5));
    rig.run(2_000);
    const epochs = rig.storeEvents('block-accepted').slice(from);
    expect(epochs.map(({ id, writerEpoch }) => [id, writerEpoch])).toEqual([
      ['copied', 1],
      ['older', 4],
      ['newer', 5],
    ]);
  });

  it('tell of each newer epoch once', () => {
    const rig = new Rig();
    rig.metadata.epoch = 2;
    rig.run(3 * HEARTBEAT_MS);
    for (const n of [1, 2, 3]) rig.add(testBlock(`c.${n}`), 'data-1', 4);
    rig.run(3 * HEARTBEAT_MS);
    expect(rig.storeEvents('map-seen')).toEqual([
      { kind: 'map-seen', epoch: 1, via: 'refresh' },
      { kind: 'map-seen', epoch: 2, via: 'refresh' },
      { kind: 'map-seen', epoch: 4, via: 'push' },
    ]);
  });
});

describe('a caller that gives up', () => {
  it('gets no more done for it: a read that waits for a sync is not begun', () => {
    const rig = new Rig({ disk: { syncMs: 100 } });
    const block = testBlock('c.1.1');
    let reads = 0;
    rig.node().disk.overlays.add({
      apply: (operation) => {
        if (operation.kind === 'read') reads += 1;
      },
    });
    rig.send(addRequest(block));
    const patient = rig.send(readRequest(block));
    const impatient = rig.send(readRequest(block));
    rig.run(20);
    rig.cancel(impatient);
    rig.run(500);
    expect(isBlock(patient.reply, block)).toBe(true);
    expect(reads).toBe(1);
    expect(rig.storeEvents('served').filter(({ op }) => op === 'read')).toHaveLength(1);
  });

  it('gets nothing done at all if that was before its turn at a processor', () => {
    const rig = new Rig({ cpuMs: 50 });
    const block = testBlock('c.1.1');
    rig.add(block);
    const deletion = rig.send(deleteRequest(block));
    rig.run(20);
    rig.cancel(deletion);
    rig.run(500);
    expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('leaves no trace in what is in progress', () => {
    const rig = new Rig({ config: { maxInFlight: 2 }, disk: { syncMs: 100, seekMs: 50 } });
    const block = testBlock('c.1.1');
    rig.add(block);
    for (let n = 0; n < 10; n++) {
      const answer = rig.send(readRequest(block));
      rig.run(10);
      rig.cancel(answer);
      rig.run(100);
    }
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.lastBeat().inFlight).toBe(0);
    expect(isBlock(rig.read(block), block)).toBe(true);
    // What had come from the disk by the time the caller was gone was not served to anybody.
    expect(rig.storeEvents('served').filter(({ op }) => op === 'read')).toHaveLength(1);
  });
});
