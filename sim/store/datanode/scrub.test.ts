import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataNodeConfig, dataNodeConfigSchema } from './config.ts';
import { decodeProgress, encodeProgress, SCRUB_FILE, type ScrubProgress } from './scrub-checkpoint.ts';
import { deleteRequest, HEARTBEAT_MS, isBlock, ReadCounter, ReadFailure, Rig, Rot, testBlock } from './testdata/rig.ts';

const BLOCKS = Array.from({ length: 20 }, (_, n) => testBlock(`c.1.${n}.`, 40, 10_000));
const TOTAL_BYTES = 20 * 10_000;

/** data-1 and data-2 hold all blocks, in several segments. */
function rigWithBlocks(config: Partial<DataNodeConfig>): Rig {
  const rig = new Rig({ nodes: 2, config: { segmentBytes: 60_000, ...config } });
  for (const block of BLOCKS) for (const node of ['data-1', 'data-2']) rig.add(block, node);
  return rig;
}

const SCRUBBING: Partial<DataNodeConfig> = { scrub: 'on', scrubPassMs: 2_000, scrubBytesPerSecond: 1e6 };

function passes(rig: Rig, node = 'data-1'): number {
  return rig.events.filter((e) => e.node === node && e.event.kind === 'scrub-pass').length;
}

describe('the scrub', () => {
  it('finds rot that nobody reads, keeps the block, serves it to nobody, and reports it', () => {
    const rig = rigWithBlocks(SCRUBBING);
    const [bad] = BLOCKS.slice(7);
    if (bad === undefined) throw new Error('no block');
    const used = rig.diskBytes();
    rig.node().disk.overlays.add(new Rot(bad.ref.id, 10));
    rig.run(4_500);
    expect(rig.storeEvents('corruption')).toEqual([
      { kind: 'corruption', id: bad.ref.id, partition: 7, found: 'scrub' },
    ]);
    expect(rig.metadata.beats.flatMap(({ id, corrupt }) => (id === 'data-1' ? corrupt : []))).toEqual([
      { id: bad.ref.id, partition: 7 },
    ]);
    expect(rig.metadata.lastBeat()).toMatchObject({ quarantined: 1, digests: [[7, expect.any(Number), 19]] });
    expect(rig.read(bad)).toMatchObject({ refusal: 'corrupt' });
    expect(rig.ask({ kind: 'block.copy', id: bad.ref.id, partition: 7 })).toMatchObject({ refusal: 'corrupt' });
    expect(rig.diskBytes()).toBeGreaterThanOrEqual(used);
  });

  it('has what it found replaced from a good copy, when metadata orders so', () => {
    const rig = rigWithBlocks(SCRUBBING);
    const bad = BLOCKS[7] ?? testBlock('');
    const rot = new Rot(bad.ref.id, 10);
    rig.node().disk.overlays.add(rot);
    rig.run(4_500);
    rig.node().disk.overlays.remove(rot);
    rig.order({
      kind: 'transfer',
      commandId: 1,
      transferId: 1,
      partition: 7,
      cause: 'repair',
      blocks: [bad.ref],
      sources: ['data-2'],
      bytesPerSecond: 1e9,
    });
    rig.run(2 * HEARTBEAT_MS);
    expect(isBlock(rig.read(bad), bad)).toBe(true);
    expect(rig.metadata.lastBeat().quarantined).toBe(0);
  });

  it('goes on for ever: what rots later is found in a later pass', () => {
    const rig = rigWithBlocks(SCRUBBING);
    rig.run(6_500);
    expect(passes(rig)).toBeGreaterThanOrEqual(2);
    expect(rig.storeEvents('corruption')).toEqual([]);
    for (const event of rig.storeEvents('scrub-pass')) expect(event).toMatchObject({ blocks: 20, corrupt: 0 });
    rig.node('data-2').disk.overlays.add(new Rot('c.1.3.', 10));
    rig.run(2_500);
    expect(rig.storeEvents('corruption')).toHaveLength(1);
    expect(rig.storeEvents('scrub-pass')).toContainEqual({ kind: 'scrub-pass', blocks: 20, corrupt: 1 });
  });

  it('keeps to its rate', () => {
    const rig = rigWithBlocks({ scrubBytesPerSecond: 20_000, scrubWindowBytes: 1 });
    const start = rig.kernel.nowMs;
    rig.order({ kind: 'scrub', commandId: 1 });
    rig.kernel.runUntil(() => passes(rig) === 1, start + 60_000);
    const tookMs = rig.kernel.nowMs - start;
    // The last block's share is waited for only by what comes after.
    expect(tookMs).toBeGreaterThan((1000 * (TOTAL_BYTES - 10_000)) / 20_000);
    expect(tookMs).toBeLessThan((1100 * TOTAL_BYTES) / 20_000 + HEARTBEAT_MS);
  });

  it('covers neighbouring blocks by one read', () => {
    const rig = rigWithBlocks({});
    const counter = new ReadCounter();
    rig.node().disk.overlays.add(counter);
    rig.order({ kind: 'scrub', commandId: 1 });
    rig.run(5_000);
    expect(passes(rig)).toBe(1);
    expect(counter.reads).toBeLessThanOrEqual(rig.segments().length + 1);
  });

  it('goes on after a restart where it was', () => {
    const rig = rigWithBlocks({
      scrub: 'on',
      scrubPassMs: 500,
      scrubBytesPerSecond: 10_000,
      scrubWindowBytes: 1,
      scrubCheckpointMs: 100,
    });
    rig.run(12_000);
    expect(passes(rig)).toBe(0);
    rig.restart();
    const counter = new ReadCounter();
    rig.node().disk.overlays.add(counter);
    rig.kernel.runUntil(() => passes(rig) === 1, rig.kernel.nowMs + 60_000);
    expect(counter.reads).toBeLessThan(12);
    const [pass] = rig.events.filter((e) => e.node === 'data-1' && e.event.kind === 'scrub-pass');
    expect(pass?.event).toEqual({ kind: 'scrub-pass', blocks: 20, corrupt: 0 });
  });

  it('begins afresh if the note of where it was is damaged', () => {
    const rig = rigWithBlocks({ ...SCRUBBING, scrubCheckpointMs: 1, scrubWindowBytes: 1 });
    rig.run(2_050);
    rig.world.crash('data-1', { mode: 'process' });
    const { disk } = rig.node();
    const file = disk.files().find(({ name }) => name === SCRUB_FILE);
    disk.append(SCRUB_FILE, new Uint8Array(7), 7, { onDisk: () => {} }, 0);
    disk.truncate(SCRUB_FILE, Math.min(20, file?.lengthBytes ?? 0), { onDisk: () => {} }, 0);
    rig.run(100);
    const before = passes(rig);
    rig.world.restart('data-1');
    rig.run(5_000);
    expect(passes(rig)).toBeGreaterThan(before);
  });

  it('takes a read that fails for no rot, and lets it hide no other block', () => {
    const rig = rigWithBlocks({});
    const failure = new ReadFailure('c.1.3.');
    rig.node().disk.overlays.add(failure);
    rig.node().disk.overlays.add(new Rot('c.1.4.', 10));
    rig.order({ kind: 'scrub', commandId: 1 });
    rig.run(3_000);
    expect(rig.storeEvents('corruption')).toEqual([{ kind: 'corruption', id: 'c.1.4.', partition: 7, found: 'scrub' }]);
    expect(rig.storeEvents('scrub-pass')).toEqual([{ kind: 'scrub-pass', blocks: 19, corrupt: 1 }]);
    expect(rig.metadata.lastBeat().diskErrors).toBeGreaterThanOrEqual(2);
    rig.node().disk.overlays.remove(failure);
    expect(rig.read(BLOCKS[3] ?? testBlock(''))).toMatchObject({ kind: 'block.data' });
  });

  it('does no harm to what is added, deleted and rewritten meanwhile', () => {
    const rig = new Rig({
      config: { ...SCRUBBING, scrubPassMs: 1, scrubBytesPerSecond: 1e6, segmentBytes: 20_000, scrubWindowBytes: 5_000 },
    });
    const here = new Map<string, ReturnType<typeof testBlock>>();
    for (let n = 0; n < 300; n++) {
      const block = testBlock(`c.${n}.`, 30, 2_000, n % 3);
      rig.add(block);
      here.set(block.ref.id, block);
      const victim = [...here.values()][(n * 7) % here.size];
      if (n % 3 !== 0 && victim !== undefined) {
        rig.ask(deleteRequest(victim));
        here.delete(victim.ref.id);
      }
    }
    rig.run(2_000);
    expect(rig.storeEvents('corruption')).toEqual([]);
    expect(rig.metadata.lastBeat().diskErrors).toBe(0);
    expect(passes(rig)).toBeGreaterThan(3);
    for (const block of here.values()) expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it.each([0, -1, Number.NaN])('refuses a rate of %d at start-up, naming it', (scrubBytesPerSecond) => {
    const result = dataNodeConfigSchema.safeParse({
      metadata: ['m'],
      zone: 'z',
      rack: 'r',
      host: 'h',
      scrubBytesPerSecond,
    });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([['scrubBytesPerSecond']]);
  });
});

describe('the note of how far a scrub has come', () => {
  const position = fc.record({ segment: fc.integer({ min: 1, max: 1e6 }), offset: fc.nat(1e9) });
  const progress: fc.Arbitrary<ScrubProgress> = fc.record({
    from: position,
    upTo: position,
    blocks: fc.nat(1e6),
    corrupt: fc.nat(100),
  });

  it('is read back, the last whole line of several', () => {
    fc.assert(
      fc.property(fc.array(progress, { minLength: 1, maxLength: 4 }), fc.nat(200), (all, cut) => {
        const text = all.map(encodeProgress).join('');
        expect(decodeProgress(text)).toEqual(all.at(-1));
        const torn = text.slice(0, Math.max(0, text.length - 1 - cut));
        const whole = all.filter(
          (_, n) =>
            all
              .slice(0, n + 1)
              .map(encodeProgress)
              .join('').length -
              1 <=
            torn.length,
        );
        expect(decodeProgress(torn)).toEqual(whole.at(-1));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('may say that there is none under way', () => {
    expect(decodeProgress(encodeProgress(undefined))).toBeUndefined();
    expect(decodeProgress('')).toBeUndefined();
  });
});
