import { describe, expect, it } from 'vitest';
import { CapacityCheck } from './capacity.ts';
import { PartitionBytes } from './partition-bytes.ts';
import { operation, said } from './testdata/events.ts';

/** Two partitions of ten objects of 10 bytes each; node a has 100 bytes of 250 used. */
function stage() {
  const stored = new PartitionBytes((key) => Number(key.at(0)));
  for (let i = 0; i < 20; i++) {
    stored.onWrite(operation({ op: 'put', key: `${i % 2}-${i}`, sizeBytes: 10, generation: 1 + i }));
  }
  const check = new CapacityCheck(stored);
  const start = (transferId: number, partition: number, blocks = 10) =>
    check.onMoveStarted(
      { kind: 'move-started', transferId, cause: 'join', partition, from: 'b', to: 'a', blocks, why: '' },
      { usedBytes: 100, capacityBytes: 250 },
      1_000,
    );
  return { check, start, stored };
}

describe('I10 capacity', () => {
  it('holds while what is used and what is on its way fit together', () => {
    const { check, start } = stage();
    start(1, 0);
    start(2, 1, 5);
    check.onCopied(1, 60);
    check.onMoveEnded(2);
    start(3, 1);
    expect(said(check)).toContain('held');
  });

  it('catches transfers that would not fit beside each other', () => {
    const { check, start } = stage();
    start(1, 0);
    start(2, 1);
    expect(said(check)).toBe(
      'violated: 1 s: a is to be given partition 1 with 100 bytes used and 200 on their way; its capacity is 250',
    );
  });

  it('forgets what a new leader may end without a word', () => {
    const { check, start } = stage();
    start(1, 0);
    check.onElection();
    start(2, 1);
    expect(said(check)).toContain('held');
  });

  it('catches a delete that is refused for lack of space, and no other failure', () => {
    const { check } = stage();
    check.onDelete(operation({ op: 'delete', status: 'failed', error: 'timeout' }), 'client-1', 1_000);
    check.onDelete(operation({ op: 'delete', generation: 9 }), 'client-1', 1_000);
    expect(said(check)).toContain('held');
    check.onDelete(operation({ op: 'delete', status: 'failed', error: 'no-space' }), 'client-1', 1_000);
    expect(said(check)).toBe('violated: 1 s: a delete of k was refused for lack of space (no-space)');
  });
});

describe('PartitionBytes', () => {
  it('counts the newest version of each key, by partition', () => {
    const { stored } = stage();
    expect([stored.bytes(0), stored.objects(0), stored.total]).toEqual([100, 10, 200]);
    stored.onWrite(operation({ op: 'put', key: '0-0', sizeBytes: 30, generation: 50 }));
    stored.onWrite(operation({ op: 'delete', key: '0-2', sizeBytes: 0, generation: 51 }));
    stored.onWrite(operation({ op: 'copy', key: '1-new', sizeBytes: 5, generation: 52 }));
    expect([stored.bytes(0), stored.objects(0)]).toEqual([110, 9]);
    expect([stored.bytes(1), stored.objects(1), stored.total]).toEqual([105, 11, 215]);
  });
});
