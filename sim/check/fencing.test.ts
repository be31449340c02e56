import { describe, expect, it } from 'vitest';
import { type BlockAccepted, FencingCheck } from './fencing.ts';
import { OneContentCheck } from './one-content.ts';
import { said } from './testdata/events.ts';

const block = (change: Partial<BlockAccepted>): BlockAccepted => ({
  ...{ kind: 'block-accepted', id: 'x', partition: 3, generation: 1, checksum: 11, writerEpoch: 5, nodeEpoch: 6 },
  ...change,
});

describe('I6 fencing', () => {
  it('holds where epochs rise on each replica by itself', () => {
    const check = new FencingCheck();
    check.onBlock(block({}), 'a', 1);
    check.onBlock(block({ writerEpoch: 6 }), 'a', 2);
    check.onBlock(block({ writerEpoch: 4 }), 'b', 3);
    check.onBlock(block({ writerEpoch: 4, partition: 2 }), 'a', 4);
    check.onDestroyed('a');
    check.onBlock(block({ writerEpoch: 4 }), 'a', 5);
    expect(said(check)).toBe('held: 5 writes to replicas');
  });

  it('catches a write under an older epoch after a newer one', () => {
    const check = new FencingCheck();
    check.onBlock(block({ writerEpoch: 6 }), 'a', 1);
    check.onBlock(block({ id: 'y', writerEpoch: 5 }), 'a', 2);
    expect(said(check)).toBe(
      'violated: 0.002 s: a accepted block y of partition 3 under epoch 5 after one under epoch 6',
    );
  });

  it('catches a write under an epoch that the replica has not heard of', () => {
    const check = new FencingCheck();
    check.onBlock(block({ writerEpoch: 7 }), 'a', 1);
    expect(said(check)).toBe('violated: 0.001 s: a accepted block x under epoch 7, though it knew no newer one than 6');
  });
});

describe('I6 contents of blocks', () => {
  it('catches two contents of one block, but lets an update have another', () => {
    const check = new OneContentCheck();
    check.onBlock(block({}), 'a', 1);
    check.onBlock(block({}), 'b', 2);
    check.onBlock(block({ generation: 2, checksum: 12 }), 'b', 3);
    expect(said(check)).toBe('held: 3 writes');
    check.onBlock(block({ generation: 2, checksum: 13 }), 'a', 4);
    expect(check.result()).toMatchObject({
      verdict: 'violated',
      detail: '0.004 s: a stored block x of partition 3, generation 2, with checksum 13; another replica of it has 12',
      witness: { timeMs: 4, node: 'a', key: 'x', event: 'block-accepted' },
    });
  });
});
