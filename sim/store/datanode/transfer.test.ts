import { describe, expect, it } from 'vitest';
import type { NodeCommand, TransferReport } from '../messages/node.ts';
import { HEARTBEAT_MS, isBlock, Rig, Rot, type TestBlock, testBlock } from './testdata/rig.ts';

type TransferCommand = Extract<NodeCommand, { kind: 'transfer' }>;

const BLOCKS = Array.from({ length: 10 }, (_, n) => testBlock(`c.1.${n}.`, 40, 1_000));

function command(blocks: readonly TestBlock[], sources: readonly string[], bytesPerSecond = 1e9): TransferCommand {
  const refs = blocks.map(({ ref }) => ref);
  const cause = 'repair';
  return { kind: 'transfer', commandId: 1, transferId: 5, partition: 7, cause, blocks: refs, sources, bytesPerSecond };
}

/** data-1 is empty; data-2 and data-3 hold all blocks. */
function rigWithSources(): Rig {
  const rig = new Rig({ nodes: 3, config: { transferTimeoutMs: 500, segmentBytes: 12_000 } });
  for (const block of BLOCKS) for (const node of ['data-2', 'data-3']) rig.add(block, node);
  return rig;
}

/** Runs until a beat of data-1 reports the end of transfer 5. */
function outcome(rig: Rig, order: TransferCommand): TransferReport {
  const from = rig.metadata.beats.length;
  rig.metadata.commands.push(order);
  const find = (): TransferReport | undefined =>
    rig.metadata.beats
      .slice(from)
      .flatMap((beat) => beat.transfers)
      .find((report) => report.transferId === 5 && report.state !== 'copying');
  rig.kernel.runUntil(() => find() !== undefined, rig.kernel.nowMs + 120_000);
  const report = find();
  if (report === undefined) throw new Error('the transfer never ended');
  return report;
}

describe('a transfer', () => {
  it('copies what is missing, and tells', () => {
    const rig = rigWithSources();
    for (const block of BLOCKS.slice(0, 4)) rig.add(block);
    const report = outcome(rig, command(BLOCKS, ['data-2', 'data-3']));
    expect(report).toMatchObject({ state: 'done', copiedBlocks: 6, copiedBytes: 6_000, partition: 7 });
    expect([...report.verified].sort()).toEqual(BLOCKS.map(({ ref }) => ref.id).sort());
    for (const block of BLOCKS) expect(isBlock(rig.read(block), block)).toBe(true);
    const copied = rig.storeEvents('copied');
    expect(copied).toHaveLength(6);
    expect(copied[0]).toEqual({
      kind: 'copied',
      transferId: 5,
      cause: 'repair',
      partition: 7,
      from: 'data-2',
      sizeBytes: 1_000,
    });
    rig.restart();
    for (const block of BLOCKS) expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('tells at once when it has ended, and no longer once that was heard', () => {
    const rig = rigWithSources();
    outcome(rig, command(BLOCKS, ['data-2']));
    const beats = rig.metadata.beats.filter((beat) => beat.id === 'data-1');
    const last = beats.at(-1);
    expect(last?.transfers).toHaveLength(1);
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.lastBeat().transfers).toEqual([]);
  });

  it('passes over a dead source and one whose copies are bad', () => {
    const rig = rigWithSources();
    rig.world.crash('data-2', { mode: 'machine' });
    rig.node('data-3').disk.overlays.add(new Rot('c.1.3.', 10));
    const report = outcome(rig, command(BLOCKS, ['data-2', 'data-3']));
    expect(report).toMatchObject({ state: 'failed', copiedBlocks: 9 });
    expect(report.verified).toHaveLength(9);
    expect(report.verified).not.toContain('c.1.3.');
    expect(report.detail).toContain('c.1.3.');
    const bad = BLOCKS[3];
    if (bad === undefined) throw new Error('no block');
    expect(rig.read(bad)).toMatchObject({ refusal: 'absent' });
    expect(rig.storeEvents('corruption')).toEqual([{ kind: 'corruption', id: 'c.1.3.', partition: 7, found: 'copy' }]);
  });

  it('takes a block from the next source when the first has a bad copy', () => {
    const rig = rigWithSources();
    rig.node('data-2').disk.overlays.add(new Rot('c.1.3.', 10));
    const report = outcome(rig, command(BLOCKS, ['data-2', 'data-3']));
    expect(report).toMatchObject({ state: 'done', copiedBlocks: 10 });
    expect(rig.storeEvents('copied').filter(({ from }) => from === 'data-3')).toHaveLength(1);
  });

  it('reads what is here before it counts it, and replaces what has rotted', () => {
    const rig = rigWithSources();
    for (const block of BLOCKS) rig.add(block);
    // More segments on top, so that the start does not verify the bodies of the first.
    for (let n = 0; n < 3; n++) rig.add(testBlock(`filler.${n}`, 40, 12_000, 8));
    const rot = new Rot('c.1.3.', 10);
    rig.restart();
    rig.node().disk.overlays.add(rot);
    const ending = outcome(rig, command(BLOCKS, ['data-2']));
    expect(ending.copiedBlocks).toBe(1);
    rig.node().disk.overlays.remove(rot);
    for (const block of BLOCKS) expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('keeps to its bandwidth', () => {
    const rig = rigWithSources();
    rig.metadata.commands.push(command(BLOCKS, ['data-2'], 2_000));
    const times = BLOCKS.map((_, n) => {
      rig.kernel.runUntil(() => rig.storeEvents('copied').length > n, rig.kernel.nowMs + 10_000);
      return rig.kernel.nowMs;
    });
    const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    for (const gap of gaps) expect(gap).toBeCloseTo(500, -1);
  });

  it('can be cancelled, and then copies nothing more', () => {
    const rig = rigWithSources();
    rig.order(command(BLOCKS, ['data-2'], 2_000));
    rig.run(1_200);
    rig.order({ kind: 'cancel-transfer', commandId: 2, transferId: 5 });
    const copied = rig.storeEvents('copied').length;
    expect(copied).toBeGreaterThan(0);
    rig.run(10_000);
    expect(rig.storeEvents('copied')).toHaveLength(copied);
    expect(rig.metadata.lastBeat().transfers).toEqual([]);
  });

  it('begun again after a crash copies only the rest', () => {
    const rig = rigWithSources();
    rig.order(command(BLOCKS, ['data-2'], 2_000));
    rig.run(2_200);
    rig.restart();
    const before = rig.storeEvents('copied').length;
    const report = outcome(rig, { ...command(BLOCKS, ['data-2']), commandId: 3 });
    expect(report.state).toBe('done');
    expect(report.verified).toHaveLength(10);
    expect(report.copiedBlocks).toBe(10 - before);
  });

  it('without sources fails for what is not here, and is done if all is', () => {
    const rig = rigWithSources();
    const [first, second] = BLOCKS;
    if (first === undefined || second === undefined) throw new Error('no blocks');
    rig.add(first);
    expect(outcome(rig, command([first, second], []))).toMatchObject({ state: 'failed', verified: [first.ref.id] });
  });

  it('of ten thousand blocks that are all here ends without copying', () => {
    const rig = new Rig({ config: { maxInFlight: 10_000 } });
    const many = Array.from({ length: 10_000 }, (_, n) => testBlock(`m.${n}`, 0));
    const answers = many.map((block) =>
      rig.send({
        kind: 'block.add',
        key: 'k',
        block: block.ref,
        epoch: 1,
        body: { sizeBytes: 0, bytes: block.bytes },
      }),
    );
    rig.kernel.runUntil(() => answers.every((answer) => answer.ended), rig.kernel.nowMs + 60_000);
    expect(outcome(rig, command(many, []))).toMatchObject({ state: 'done', copiedBlocks: 0 });
  });
});
