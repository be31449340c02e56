import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Compactor } from './compactor.ts';
import { dataNodeConfigSchema } from './config.ts';
import { DiskHealth } from './disk-health.ts';
import { BlockLog } from './log.ts';
import { LogWrite } from './log-write.ts';
import { bareHost, deleteRequest, isBlock, Rig, Rot, type TestBlock, testBlock } from './testdata/rig.ts';
import { UpkeepPace } from './upkeep-pace.ts';

const SEGMENT_BYTES = 20_000;

function rigOf(seed: string): Rig {
  return new Rig({ seed, config: { segmentBytes: SEGMENT_BYTES } });
}

describe('compaction', () => {
  it('keeps all that lives, and the disk in proportion to it, whatever is added and deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 100, maxLength: 250 }), (toggles) => {
        const rig = rigOf('compaction');
        const here = new Map<number, TestBlock>();
        toggles.forEach((n, i) => {
          const block = here.get(n);
          if (block === undefined) {
            const added = testBlock(`c.${n}.${i}`, 30, 2_000, n % 3);
            rig.add(added);
            here.set(n, added);
          } else {
            rig.ask(deleteRequest(block));
            here.delete(n);
          }
        });
        rig.run(1_000);
        const liveBytes = here.size * 2_100;
        // Twice what lives, and the segments that are being filled or were just filled.
        expect(rig.diskBytes()).toBeLessThan(2 * liveBytes + 2.5 * SEGMENT_BYTES);
        for (const block of here.values()) expect(isBlock(rig.read(block), block)).toBe(true);
        rig.restart();
        for (const block of here.values()) expect(isBlock(rig.read(block), block)).toBe(true);
        const counts = rig.metadata.lastBeat().digests.reduce((sum, [, , blocks]) => sum + blocks, 0);
        expect(counts).toBe(here.size);
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('does not let tombstones pile up', () => {
    const rig = rigOf('tombstones');
    for (let round = 0; round < 300; round++) {
      const block = testBlock(`c.1.${round}`, 30, 2_000);
      rig.add(block);
      rig.ask(deleteRequest(block));
    }
    rig.run(1_000);
    expect(rig.diskBytes()).toBeLessThan(2.5 * SEGMENT_BYTES);
    expect(rig.segments().length).toBeLessThanOrEqual(3);
  });

  it('updates replace what they supersede', () => {
    const rig = rigOf('updates');
    const id = 'c.1.1';
    rig.add(testBlock(id, 30, 2_000));
    for (let generation = 1; generation < 100; generation++) {
      const { ref, bytes } = testBlock(`content ${generation}`, 30, 2_000);
      const body = { sizeBytes: 2_000, bytes };
      rig.ask({ kind: 'block.update', block: { ...ref, id }, ifGeneration: generation, epoch: 1, body });
    }
    rig.run(1_000);
    expect(rig.diskBytes()).toBeLessThan(2.5 * SEGMENT_BYTES);
    rig.restart();
    const { ref, bytes } = testBlock('content 99', 30, 2_000);
    const last = { ref: { ...ref, id }, bytes };
    expect(isBlock(rig.read(last), last)).toBe(true);
  });

  it.each(['added again', 'updated'])('does not bring back a block that was %s before it was deleted', (history) => {
    const rig = rigOf('resurrection');
    const block = testBlock('c.1.1', 30, 2_000);
    const junk = (name: string) => Array.from({ length: 10 }, (_, n) => testBlock(`${name}.${n}`, 30, 2_000));
    const addAll = (blocks: TestBlock[]): void => {
      for (const one of blocks) rig.add(one);
    };
    const deleteAll = (blocks: TestBlock[]): void => {
      for (const one of blocks) rig.ask(deleteRequest(one));
    };
    const [second, third, fourth] = [junk('second'), junk('third'), junk('fourth')];
    // The oldest segment stays for ever, with the block's first record in it.
    rig.add(block);
    addAll(junk('first').slice(1));
    if (history === 'added again') rig.ask(deleteRequest(block));
    addAll(second);
    if (history === 'added again') rig.add(block);
    else {
      const { ref, bytes } = testBlock('other content', 30, 2_000);
      const body = { sizeBytes: 2_000, bytes };
      rig.ask({ kind: 'block.update', block: { ...ref, id: 'c.1.1' }, ifGeneration: 1, epoch: 1, body });
    }
    // All other segments are compacted in turn: the one with the first tombstone, the one with the second record, the
    // one with the second tombstone.
    deleteAll(second);
    addAll(third);
    rig.ask(deleteRequest(block));
    deleteAll(third);
    addAll(fourth);
    deleteAll(fourth);
    addAll(junk('fifth'));
    rig.run(1_000);
    expect(rig.segments()[0]?.name).toMatch(/1$/);
    expect(rig.segments().length).toBeLessThanOrEqual(4);
    rig.restart();
    expect(rig.read(block)).toMatchObject({ refusal: 'absent' });
  });

  it('finds a record whose header has gone bad, and keeps its segment until a good copy has come', () => {
    const rig = rigOf('bad header');
    const blocks = Array.from({ length: 12 }, (_, n) => testBlock(`c.1.${n}.`, 30, 2_000));
    for (const block of blocks) rig.add(block);
    const first = rig.segments()[0]?.name;
    const rot = new Rot('c.1.3.', -20);
    rig.node().disk.overlays.add(rot);
    for (const block of blocks.slice(4, 10)) rig.ask(deleteRequest(block));
    rig.run(100);
    expect(rig.storeEvents('corruption')).toEqual([{ kind: 'corruption', id: 'c.1.3.', partition: 7, found: 'scrub' }]);
    expect(rig.segments()[0]?.name).toBe(first);
    rig.node().disk.overlays.remove(rot);
    const damaged = blocks[3];
    if (damaged === undefined) throw new Error('no block');
    expect(rig.add(damaged)).toMatchObject({ kind: 'block.stored', existed: false });
    rig.run(100);
    expect(rig.segments()[0]?.name).not.toBe(first);
    for (const block of [...blocks.slice(0, 4), ...blocks.slice(10)]) {
      expect(isBlock(rig.read(block), block)).toBe(true);
    }
  });

  it('keeps to its rate and to small steps, so that requests never wait long', () => {
    const disk = { capacityBytes: 1e10, bandwidthBytesPerS: 50e6, queueDepth: 1, seekMs: 1 };
    const rig = new Rig({ disk, config: { segmentBytes: 40_000_000, compactionBytesPerSecond: 10e6 } });
    const blocks = Array.from({ length: 450 }, (_, n) => testBlock(`c.1.${n}.`, 30, 100_000));
    for (const block of blocks) rig.add(block);
    const [kept, ...others] = blocks.filter((_, n) => n % 3 === 0);
    const first = rig.segments()[0]?.name;
    const dead = blocks.filter((_, n) => n % 3 !== 0);
    for (const block of dead) rig.ask(deleteRequest(block));
    const startMs = rig.kernel.nowMs;
    let longestMs = 0;
    while (rig.segments()[0]?.name === first && rig.kernel.nowMs < startMs + 60_000) {
      const askedMs = rig.kernel.nowMs;
      if (kept !== undefined) expect(isBlock(rig.read(kept), kept)).toBe(true);
      longestMs = Math.max(longestMs, rig.kernel.nowMs - askedMs);
      rig.run(7);
    }
    expect(rig.segments()[0]?.name).not.toBe(first);
    // 40 MB are read and 13 MB written, less what went before the last deletes.
    expect(rig.kernel.nowMs - startMs).toBeGreaterThan(3_500);
    // Its own 3 ms, one window read and what of it is alive written: not the whole segment's 800 ms.
    expect(longestMs).toBeLessThan(40);
    for (const block of others) expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('sets aside the room for what it will write, and gives back what it did not need', () => {
    const { kernel, host } = bareHost();
    const place = { metadata: ['m'], zone: 'z', rack: 'r', host: 'h' };
    const log = new BlockLog(host, dataNodeConfigSchema.parse({ ...place, segmentBytes: 10_000 }), 1);
    const health = new DiskHealth(host, log.config);
    const pace = new UpkeepPace(host, { inFlight: 0 }, { bytesPerSecond: 1e6, yieldAboveInFlight: 0, patienceMs: 0 });
    const compactor = new Compactor(log, health, pace);
    const entries = Array.from({ length: 24 }, (_, n) => {
      const { ref, bytes } = testBlock(`c.${n}`, 30, 1_000);
      const entry = log.put(ref, 1, bytes, new Write());
      kernel.run(kernel.nowMs + 10);
      return entry;
    });
    log.remove(entries.slice(3, 9), new Write());
    const live = log.segments[0]?.liveBytes;
    expect(compactor.running?.state).toBe('copying');
    expect(log.space.reservedBytes).toBe(live);
    kernel.run(kernel.nowMs + 1_000);
    expect(compactor.running).toBeUndefined();
    expect(log.segments[0]?.number).toBe(2);
    expect(log.space.reservedBytes).toBe(0);
  });
});

class Write extends LogWrite {
  protected override onStored(): void {}
  protected override onNoSpace(): void {}
  protected override undo(): void {}
}
