import { describe, expect, it } from 'vitest';
import { crc32c } from '../hash.ts';
import { CHUNK_BYTES } from './record-format.ts';
import { addRequest, deleteRequest, isBlock, Rig, readRequest, testBlock } from './testdata/rig.ts';

const refused = (refusal: string) => expect.objectContaining({ kind: 'block.refused', refusal });

describe('a block', () => {
  it.each([0, 1, 40, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])(
    'of %i bytes comes back as it was',
    (length) => {
      const rig = new Rig();
      const block = testBlock('c.1.1', length);
      expect(rig.add(block)).toEqual({ kind: 'block.stored', generation: 1, existed: false });
      expect(isBlock(rig.read(block), block)).toBe(true);
      rig.restart();
      expect(isBlock(rig.read(block), block)).toBe(true);
    },
  );

  it('is charged for its declared size', () => {
    const rig = new Rig();
    const before = rig.diskBytes();
    rig.add(testBlock('c.1.1', 40, 1_000_000));
    expect(rig.diskBytes() - before).toBeGreaterThanOrEqual(1_000_000);
    expect(rig.diskBytes() - before).toBeLessThan(1_000_200);
  });

  it('that is not here is absent', () => {
    const rig = new Rig();
    expect(rig.read(testBlock('c.1.1'))).toEqual(refused('absent'));
  });

  it('is read by range, with the checksum of what is returned', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1', 1_000);
    rig.add(block);
    const reply = rig.ask({ ...readRequest(block), range: { startBytes: 100, lengthBytes: 50 } });
    const bytes = block.bytes.subarray(100, 150);
    expect(reply).toMatchObject({ kind: 'block.data', checksum: crc32c(bytes), body: { sizeBytes: 50, bytes } });
    const beyond = rig.ask({ ...readRequest(block), range: { startBytes: 1_000, lengthBytes: 1 } });
    expect(beyond).toEqual(refused('bad-request'));
  });

  it('may be added again with the same content, and not with another', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1');
    rig.add(block);
    const used = rig.diskBytes();
    expect(rig.add(block)).toEqual({ kind: 'block.stored', generation: 1, existed: true });
    const other = testBlock('other');
    expect(rig.add({ ...other, ref: { ...other.ref, id: 'c.1.1' } })).toEqual(refused('conflict'));
    expect(rig.diskBytes()).toBe(used);
    expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('added twice at once is stored once, and both wait for the sync', () => {
    const rig = new Rig({ disk: { syncMs: 50 } });
    const block = testBlock('c.1.1');
    const start = rig.kernel.nowMs;
    const answers = [rig.send(addRequest(block)), rig.send(addRequest(block))];
    const early = rig.send(readRequest(block));
    rig.run(40);
    expect([...answers, early].map((answer) => answer.ended)).toEqual([false, false, false]);
    rig.kernel.runUntil(() => early.ended && answers.every((answer) => answer.ended), start + 1_000);
    expect(answers.map((answer) => answer.reply)).toEqual([
      { kind: 'block.stored', generation: 1, existed: false },
      { kind: 'block.stored', generation: 1, existed: true },
    ]);
    expect(isBlock(early.reply, block)).toBe(true);
  });

  it('shares its sync with those that arrive meanwhile', () => {
    const rig = new Rig({ disk: { syncMs: 10 } });
    const start = rig.kernel.nowMs;
    const answers = Array.from({ length: 100 }, (_, i) => rig.send(addRequest(testBlock(`c.1.${i}`))));
    rig.kernel.runUntil(() => answers.every((answer) => answer.ended), start + 10_000);
    // The first sync is the first one's own; the second is shared by all others.
    expect(rig.kernel.nowMs - start).toBeLessThan(25);
  });

  it('is updated only from the expected generation, and repeating an update does no harm', () => {
    const rig = new Rig();
    const first = testBlock('c.1.1');
    const { ref, bytes } = testBlock('second content', 50);
    const second = { ref: { ...ref, id: 'c.1.1' }, bytes };
    const body = { sizeBytes: 50, bytes };
    const update = { kind: 'block.update', block: second.ref, epoch: 1, body } as const;
    expect(rig.ask({ ...update, ifGeneration: 1 })).toEqual(refused('absent'));
    rig.add(first);
    expect(rig.ask({ ...update, ifGeneration: 2 })).toEqual(refused('generation'));
    expect(rig.ask({ ...update, ifGeneration: 1 })).toEqual({ kind: 'block.stored', generation: 2, existed: false });
    expect(rig.ask({ ...update, ifGeneration: 1 })).toEqual({ kind: 'block.stored', generation: 2, existed: true });
    rig.restart();
    expect(rig.read(second)).toMatchObject({ kind: 'block.data', generation: 2, body: { bytes } });
  });

  it('once deleted stays away', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1');
    rig.add(block);
    const deletion = deleteRequest(block);
    expect(rig.ask(deletion)).toEqual({ kind: 'block.deleted', existed: true });
    expect(rig.ask(deletion)).toEqual({ kind: 'block.deleted', existed: false });
    expect(rig.read(block)).toEqual(refused('absent'));
    rig.restart();
    expect(rig.read(block)).toEqual(refused('absent'));
    expect(rig.add(block)).toEqual({ kind: 'block.stored', generation: 1, existed: false });
    rig.restart();
    expect(isBlock(rig.read(block), block)).toBe(true);
  });
});

describe('bad input is refused before any I/O', () => {
  const good = testBlock('c.1.1');
  const cases = {
    'an empty id': { ...good, ref: { ...good.ref, id: '' } },
    'an id with spaces': { ...good, ref: { ...good.ref, id: 'a b' } },
    'an over-long id': { ...good, ref: { ...good.ref, id: 'x'.repeat(129) } },
    'a negative partition': { ...good, ref: { ...good.ref, partition: -1 } },
    'more real bytes than declared': { ...good, ref: { ...good.ref, sizeBytes: 39 } },
    'a size over the limit': { ...good, ref: { ...good.ref, sizeBytes: 10_001 } },
    'another checksum': { ...good, ref: { ...good.ref, checksum: 1 } },
  };
  it.each(Object.entries(cases))('%s', (_name, block) => {
    const rig = new Rig({ config: { maxBlockBytes: 10_000 } });
    const used = rig.diskBytes();
    expect(rig.add(block)).toEqual(refused('bad-request'));
    expect(rig.diskBytes()).toBe(used);
  });

  it('a declared size that differs from the body’s', () => {
    const rig = new Rig();
    const request = { ...addRequest(good), body: { sizeBytes: 41, bytes: good.bytes } };
    expect(rig.ask(request as ReturnType<typeof addRequest>)).toEqual(refused('bad-request'));
  });
});

describe('limits', () => {
  it('sheds what is over the limit of requests in progress', () => {
    const rig = new Rig({ config: { maxInFlight: 2 }, disk: { syncMs: 50 } });
    const answers = [1, 2, 3].map((n) => rig.send(addRequest(testBlock(`c.1.${n}`))));
    rig.run(500);
    expect(answers.map((answer) => answer.reply?.kind)).toEqual(['block.stored', 'block.stored', 'block.refused']);
    expect(answers[2]?.reply).toEqual(refused('overloaded'));
    expect(rig.add(testBlock('c.1.3'))).toMatchObject({ kind: 'block.stored' });
  });

  it('a full disk refuses blocks, and still reads and deletes', () => {
    const rig = new Rig({
      config: { segmentBytes: 20_000 },
      disk: { capacityBytes: 100_000 },
    });
    const blocks = Array.from({ length: 20 }, (_, i) => testBlock(`c.1.${i}`, 40, 10_000));
    const replies = blocks.map((block) => rig.add(block));
    const stored = blocks.filter((_, i) => replies[i]?.kind === 'block.stored');
    expect(stored).toHaveLength(9);
    expect(replies.at(-1)).toEqual(refused('no-space'));
    expect(rig.diskBytes()).toBeLessThanOrEqual(95_000);
    for (const block of stored) expect(isBlock(rig.read(block), block)).toBe(true);
    for (const block of stored.slice(0, 6)) {
      expect(rig.ask(deleteRequest(block))).toMatchObject({ existed: true });
    }
    rig.run(1_000);
    expect(rig.add(testBlock('c.2.1', 40, 10_000))).toMatchObject({ kind: 'block.stored' });
  });
});

describe('served events', () => {
  it('tell of client reads and writes, good and bad, and not of copies', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1', 40, 500);
    rig.read(block);
    rig.add(block);
    rig.read(block);
    rig.ask({ kind: 'block.copy', id: 'c.1.1', partition: 7 });
    const key = 'key of c.1.1';
    expect(rig.storeEvents('served')).toEqual([
      { kind: 'served', op: 'read', key, partition: 7, sizeBytes: 0, ok: false },
      { kind: 'served', op: 'write', key, partition: 7, sizeBytes: 500, ok: true },
      { kind: 'served', op: 'read', key, partition: 7, sizeBytes: 500, ok: true },
    ]);
  });
});
