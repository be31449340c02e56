import { describe, expect, it } from 'vitest';
import type { HeldBlock } from './held-block.ts';
import { addRequest, deleteRequest, Rig, Rot, testBlock } from './testdata/rig.ts';

const shown = (rig: Rig): HeldBlock[] => [...(rig.processes.get('data-1')?.inventory() ?? [])];

describe('what can be seen of a data node’s blocks', () => {
  const blocks = [testBlock('c.1.1', 40, 10_000), testBlock('c.1.2', 40, 500)];

  it('is all that it holds, with what it takes on disk', () => {
    const rig = new Rig();
    expect(shown(rig)).toEqual([]);
    for (const block of blocks) rig.add(block);
    const held = shown(rig);
    expect(held).toMatchObject(
      blocks.map(({ ref: { id, partition, sizeBytes, checksum } }) => {
        return { id, partition, sizeBytes, checksum, durable: true, quarantined: false };
      }),
    );
    for (const { diskBytes, sizeBytes } of held) {
      expect(diskBytes).toBeGreaterThan(sizeBytes);
      expect(diskBytes).toBeLessThan(sizeBytes + 100);
    }
    const [first] = blocks;
    if (first === undefined) throw new Error('no block');
    rig.ask(deleteRequest(first));
    expect(shown(rig).map(({ id }) => id)).toEqual(['c.1.2']);
  });

  it('tells what is not durable yet, and what is known to be bad', () => {
    const rig = new Rig({ disk: { syncMs: 50 } });
    const [first, second] = blocks;
    if (first === undefined || second === undefined) throw new Error('no block');
    rig.send(addRequest(first));
    rig.run(10);
    expect(shown(rig)).toMatchObject([{ id: 'c.1.1', durable: false }]);
    rig.run(200);
    expect(shown(rig)).toMatchObject([{ id: 'c.1.1', durable: true }]);
    rig.node().disk.overlays.add(new Rot('c.1.1', 10));
    rig.read(first);
    expect(shown(rig)).toMatchObject([{ id: 'c.1.1', quarantined: true }]);
  });

  it('is nothing until the disk is open, and all again after a restart', () => {
    const rig = new Rig();
    for (const block of blocks) rig.add(block);
    const before = shown(rig).map(({ ageMs: _, ...rest }) => rest);
    rig.world.crash('data-1', { mode: 'machine' });
    rig.world.restart('data-1');
    expect(shown(rig)).toEqual([]);
    rig.awaitLease('data-1');
    expect(shown(rig)).toMatchObject(before);
  });
});
