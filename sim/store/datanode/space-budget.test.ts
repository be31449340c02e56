import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock, Disk } from '../../host.ts';
import { dataNodeConfigSchema } from './config.ts';
import { SpaceBudget, type SpaceConfig } from './space-budget.ts';
import { addRequest, deleteRequest, isBlock, Rig, testBlock } from './testdata/rig.ts';

const CONFIG: SpaceConfig = {
  readOnlyRatio: 0.9,
  readOnlyHysteresis: 0.1,
  repairReserve: 0.05,
  deleteReserve: 0.02,
  noSpaceRetryMs: 1_000,
};

/** A disk of 1,000 bytes of which only the fullness is looked at. */
class Bench {
  usedBytes = 0;
  nowMs = 0;
  readonly space: SpaceBudget;

  constructor() {
    const unused = (): never => {
      throw new Error('the budget does no I/O');
    };
    const bench = this;
    const disk: Disk = {
      append: unused,
      read: unused,
      sync: unused,
      truncate: unused,
      list: unused,
      remove: unused,
      get usedBytes() {
        return bench.usedBytes;
      },
      capacityBytes: 1_000,
    };
    const clock: Clock = { nowMs: () => this.nowMs, wallMs: () => this.nowMs };
    this.space = new SpaceBudget(disk, clock, CONFIG);
  }
}

describe('the space budget', () => {
  it('refuses writes at the limit, and accepts them again only well below it', () => {
    const bench = new Bench();
    bench.usedBytes = 880;
    expect(bench.space.admits(20)).toBe(true);
    expect(bench.space.admits(21)).toBe(false);
    expect(bench.space.readOnly).toBe(true);
    bench.usedBytes = 810;
    expect(bench.space.admits(1)).toBe(false);
    bench.usedBytes = 800;
    expect(bench.space.readOnly).toBe(false);
    bench.usedBytes = 850;
    expect(bench.space.admits(1)).toBe(true);
    bench.usedBytes = 900;
    expect(bench.space.readOnly).toBe(true);
  });

  it('is not closed by one block that is too large while there is much room', () => {
    const bench = new Bench();
    bench.usedBytes = 500;
    expect(bench.space.admits(500)).toBe(false);
    expect(bench.space.readOnly).toBe(false);
    expect(bench.space.admits(100)).toBe(true);
  });

  it('lets repairs go beyond writes, compaction beyond repairs, and leaves the rest to deletes', () => {
    const bench = new Bench();
    bench.usedBytes = 900;
    expect(bench.space.admits(1)).toBe(false);
    expect(bench.space.mayReserve('repair', 50)).toBe(true);
    expect(bench.space.mayReserve('repair', 51)).toBe(false);
    expect(bench.space.mayReserve('compaction', 80)).toBe(true);
    expect(bench.space.mayReserve('compaction', 81)).toBe(false);
    bench.usedBytes = 1_000;
    expect(bench.space.reserve('compaction', 0)).toBe(true);
  });

  it('lets a disk be that says it is full, for a while', () => {
    const bench = new Bench();
    bench.space.onNoSpace();
    expect(bench.space.admits(1)).toBe(false);
    bench.nowMs = 1_000;
    expect(bench.space.admits(1)).toBe(true);
  });

  it('never promises more than there is, whatever is asked for in whatever order', () => {
    const step = fc.record({
      op: fc.constantFrom(
        'write' as const,
        'repair' as const,
        'compaction' as const,
        'finish' as const,
        'free' as const,
      ),
      bytes: fc.integer({ min: 1, max: 150 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const bench = new Bench();
        const open: number[] = [];
        let fullest = 0;
        for (const { op, bytes } of steps) {
          if (op === 'write') {
            if (bench.space.admits(bytes)) bench.usedBytes += bytes;
          } else if (op === 'free') bench.usedBytes = Math.max(0, bench.usedBytes - bytes);
          else if (op !== 'finish') {
            if (bench.space.reserve(op, bytes)) open.push(bytes);
          } else {
            const done = open.shift();
            if (done === undefined) continue;
            bench.space.release(done);
            bench.usedBytes += done;
          }
          fullest = Math.max(fullest, bench.usedBytes + bench.space.reservedBytes);
        }
        expect(fullest).toBeLessThanOrEqual(980);
        expect(bench.space.reservedBytes).toBe(open.reduce((sum, bytes) => sum + bytes, 0));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('refuses ratios that do not leave room for each other', () => {
    const place = { metadata: ['m'], zone: 'z', rack: 'r', host: 'h' };
    const result = dataNodeConfigSchema.safeParse({ ...place, readOnlyRatio: 0.99 });
    expect(result.error?.issues[0]?.message).toMatch(/found 0.99.*accepted/);
    expect(dataNodeConfigSchema.safeParse({ ...place, readOnlyRatio: 0.97 }).success).toBe(true);
  });
});

describe('a disk that fills up', () => {
  const refused = expect.objectContaining({ kind: 'block.refused', refusal: 'no-space' });

  it('is never overfilled by copies and writes that come together', () => {
    const rig = new Rig({ nodes: 2, disk: { capacityBytes: 200_000 }, config: { segmentBytes: 30_000 } });
    const copies = Array.from({ length: 50 }, (_, n) => testBlock(`copy.${n}`, 40, 3_000));
    for (const block of copies) rig.add(block, 'data-2');
    rig.metadata.commands.push({
      kind: 'transfer',
      commandId: 1,
      transferId: 1,
      partition: 7,
      cause: 'repair',
      blocks: copies.map(({ ref }) => ref),
      sources: ['data-2'],
      bytesPerSecond: 1e9,
    });
    const writes = Array.from({ length: 30 }, (_, n) => rig.send(addRequest(testBlock(`write.${n}`, 40, 5_000, 8))));
    let fullest = 0;
    const end = rig.kernel.nowMs + 5_000;
    rig.kernel.runUntil(() => {
      fullest = Math.max(fullest, rig.diskBytes());
      return rig.kernel.nowMs >= end;
    }, end);
    expect(fullest).toBeLessThanOrEqual(0.97 * 200_000);
    expect(fullest).toBeGreaterThan(0.9 * 200_000);
    expect(writes.some(({ reply }) => reply?.kind === 'block.stored')).toBe(true);
    expect(rig.metadata.beats.flatMap(({ transfers }) => transfers)).toContainEqual(
      expect.objectContaining({ state: 'failed', detail: expect.stringContaining('no-space') }),
    );
  });

  it('says so in its beats, still takes copies for repairs and deletes, and opens again', () => {
    const rig = new Rig({
      nodes: 2,
      disk: { capacityBytes: 1_000_000 },
      config: { segmentBytes: 100_000, repairReserve: 0.03 },
    });
    const blocks: ReturnType<typeof testBlock>[] = [];
    for (let n = 0; ; n++) {
      const block = testBlock(`c.1.${n}`, 40, 9_900);
      if (rig.add(block).kind !== 'block.stored') break;
      blocks.push(block);
    }
    const small = testBlock('small', 40, 100);
    expect(rig.add(small)).toEqual(refused);
    rig.run(1_000);
    expect(rig.metadata.lastBeat().readOnly).toBe(true);
    const copy = testBlock('copy.1', 40, 15_000);
    rig.add(copy, 'data-2');
    rig.order({
      kind: 'transfer',
      commandId: 1,
      transferId: 1,
      partition: 7,
      cause: 'repair',
      blocks: [copy.ref],
      sources: ['data-2'],
      bytesPerSecond: 1e9,
    });
    rig.run(1_000);
    expect(isBlock(rig.read(copy), copy)).toBe(true);
    for (const block of blocks.slice(0, 60)) expect(rig.ask(deleteRequest(block))).toMatchObject({ existed: true });
    rig.run(2_000);
    expect(rig.add(small)).toMatchObject({ kind: 'block.stored' });
    expect(rig.metadata.lastBeat().readOnly).toBe(false);
  });

  it('compaction gives room back even when the disk is as full as it gets', () => {
    const rig = new Rig({ disk: { capacityBytes: 1_000_000 }, config: { segmentBytes: 50_000 } });
    const blocks: ReturnType<typeof testBlock>[] = [];
    for (let n = 0; ; n++) {
      const block = testBlock(`c.1.${n}`, 40, 4_900);
      if (rig.add(block).kind !== 'block.stored') break;
      blocks.push(block);
    }
    const before = rig.diskBytes();
    // Eight of each ten go, so that each segment has to be rewritten rather than dropped.
    const kept = blocks.filter((_, n) => n % 5 === 0);
    for (const [n, block] of blocks.entries()) if (n % 5 !== 0) rig.ask(deleteRequest(block));
    rig.run(10_000);
    expect(rig.diskBytes()).toBeLessThan(0.5 * before);
    for (const block of kept) expect(isBlock(rig.read(block), block)).toBe(true);
    rig.restart();
    for (const block of kept) expect(isBlock(rig.read(block), block)).toBe(true);
  });
});
