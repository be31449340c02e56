import { describe, expect, it } from 'vitest';
import type { DiskOperation, DiskOverlay } from '../../world/disk.ts';
import { HEARTBEAT_MS, isBlock, ReadFailure, Rig, testBlock } from './testdata/rig.ts';

/** Fails every operation of one kind. */
class Broken implements DiskOverlay {
  readonly #kind: DiskOperation['kind'];

  constructor(kind: DiskOperation['kind']) {
    this.#kind = kind;
  }

  apply(operation: DiskOperation): void {
    if (operation.kind === this.#kind) operation.result = { ok: false, error: 'io-error' };
  }
}

describe('a read that the disk fails', () => {
  it('is no rot: it is refused as io-error, counted, and succeeds later', () => {
    const rig = new Rig();
    const block = testBlock('c.1.1');
    rig.add(block);
    const failure = new ReadFailure();
    rig.node().disk.overlays.add(failure);
    expect(rig.read(block)).toMatchObject({ refusal: 'io-error' });
    expect(rig.ask({ kind: 'block.copy', id: 'c.1.1', partition: 7 })).toMatchObject({ refusal: 'io-error' });
    rig.node().disk.overlays.remove(failure);
    expect(isBlock(rig.read(block), block)).toBe(true);
    expect(rig.storeEvents('corruption')).toEqual([]);
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.lastBeat()).toMatchObject({ diskErrors: 2, corrupt: [], quarantined: 0, diskFailing: false });
  });

  it('often puts the disk in doubt, until it has been well for a while', () => {
    const rig = new Rig({ config: { failingErrors: 5, failingWindowMs: 20_000 } });
    const blocks = [1, 2, 3, 4, 5].map((n) => testBlock(`c.1.${n}`));
    for (const block of blocks) rig.add(block);
    const failure = new ReadFailure();
    rig.node().disk.overlays.add(failure);
    for (const block of blocks) rig.read(block);
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.lastBeat().diskFailing).toBe(true);
    rig.node().disk.overlays.remove(failure);
    rig.run(22_000);
    expect(rig.metadata.lastBeat().diskFailing).toBe(false);
    for (const block of blocks) expect(isBlock(rig.read(block), block)).toBe(true);
  });

  it('of one block for very long makes it be given up, and repaired', () => {
    const rig = new Rig({ config: { unreadableMs: 10_000 } });
    const [bad, good] = [testBlock('c.1.1.'), testBlock('c.1.2.')];
    rig.add(bad);
    rig.add(good);
    rig.node().disk.overlays.add(new ReadFailure('c.1.1.'));
    for (let n = 0; n < 10; n++) expect(rig.read(bad)).toMatchObject({ refusal: 'io-error' });
    rig.run(10_000);
    expect(rig.read(bad)).toMatchObject({ refusal: 'corrupt' });
    expect(isBlock(rig.read(good), good)).toBe(true);
    rig.run(2 * HEARTBEAT_MS);
    expect(rig.metadata.beats.flatMap(({ corrupt }) => corrupt)).toEqual([{ id: 'c.1.1.', partition: 7 }]);
  });

  it('that succeeded in between begins the count anew', () => {
    const rig = new Rig({ config: { unreadableMs: 10_000 } });
    const block = testBlock('c.1.1.');
    rig.add(block);
    const failure = new ReadFailure('c.1.1.');
    for (let n = 0; n < 6; n++) {
      rig.node().disk.overlays.add(failure);
      rig.read(block);
      rig.run(6_000);
      rig.node().disk.overlays.remove(failure);
      expect(isBlock(rig.read(block), block)).toBe(true);
    }
    expect(rig.storeEvents('corruption')).toEqual([]);
  });
});

describe('a write that the disk fails', () => {
  it.each(['sync', 'append'] as const)(
    'at its %s ends the process, is acknowledged to nobody and never tried again',
    (kind) => {
      const rig = new Rig();
      rig.node().disk.overlays.add(new Broken(kind));
      let operations = 0;
      rig.node().disk.overlays.add({
        apply: (operation) => {
          if (operation.kind === kind) operations += 1;
        },
      });
      const answer = rig.send({
        kind: 'block.add',
        key: 'k',
        block: testBlock('c.1.1').ref,
        epoch: 1,
        body: { sizeBytes: 40, bytes: testBlock('c.1.1').bytes },
      });
      rig.run(5_000);
      expect(rig.node().state).toBe('down');
      expect(answer.reply).toBeUndefined();
      expect(operations).toBe(1);
    },
  );
});
