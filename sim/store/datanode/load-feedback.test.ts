import { describe, expect, it } from 'vitest';
import type { DataReply } from '../messages/block.ts';
import { Rig, readRequest, testBlock } from './testdata/rig.ts';

const loadOf = (reply: DataReply | undefined) => (reply?.kind === 'block.data' ? reply.load : undefined);

describe('the load that a data node tells with its answers', () => {
  it('counts the other requests, and the time from when the read was taken up', () => {
    const rig = new Rig({ disk: { seekMs: 10, queueDepth: 1 } });
    const block = testBlock('one');
    rig.add(block);
    const request = { ...readRequest(block), wantsLoad: true };
    const answers = [1, 2, 3].map(() => rig.send(request));
    rig.run(1_000);
    const loads = answers.map(({ reply }) => loadOf(reply));
    expect(loads.map((load) => load?.inFlight)).toEqual([2, 1, 0]);
    loads.forEach((load, i) => {
      // One at a time on the disk, 10 ms each.
      expect(Math.abs((load?.serviceMs ?? 0) - 10 * (i + 1))).toBeLessThan(1);
    });
  });

  it('is told to those only who ask for it', () => {
    const rig = new Rig();
    const block = testBlock('one');
    rig.add(block);
    expect(Object.keys(rig.read(block))).not.toContain('load');
  });
});
