import { describe, expect, it } from 'vitest';
import type { FaultRecord } from '../record/schema.ts';
import type { MoveCause } from '../store/model.ts';
import { NeedlessCopiesCheck } from './needless-copies.ts';
import { PartitionBytes } from './partition-bytes.ts';
import { operation, said } from './testdata/events.ts';

const join: FaultRecord = {
  kind: 'add-nodes',
  line: 'add d',
  targets: ['d'],
  startMs: 10_000,
  endMs: 10_000,
  effects: 1,
};
const crash: FaultRecord = { ...join, kind: 'crash', line: 'crash a at 1 s' };

const GARBAGE_MS = 5_000;

/** 100 partitions of 10 bytes each, long before anything moves. */
function stock(): PartitionBytes {
  const stored = new PartitionBytes((key) => Number(key));
  for (let key = 0; key < 100; key++) put(stored, key, 10, 0);
  return stored;
}

function put(stored: PartitionBytes, key: number, sizeBytes: number, nowMs: number): void {
  stored.onWrite(operation({ op: 'put', key: String(key), sizeBytes, generation: 1 }), nowMs);
}

function verdict(
  copied: readonly (readonly [MoveCause, number])[],
  leastBytes: number | null,
  {
    faults = [join],
    stored = stock(),
    movesMore,
  }: { faults?: FaultRecord[]; stored?: PartitionBytes; movesMore?: string } = {},
): string {
  const check = new NeedlessCopiesCheck(stored, GARBAGE_MS, movesMore);
  for (const [position, [cause, sizeBytes]] of copied.entries())
    check.onCopied({ kind: 'copied', transferId: position, cause, partition: position, from: 'a', sizeBytes });
  check.close(leastBytes, faults);
  return said(check);
}

const moves = (loadBytes: number) =>
  [
    ['join', 1_000],
    ['load', loadBytes],
  ] as const;

describe('I9 needless copies', () => {
  it('holds up to the allowance, over all causes together', () => {
    expect(verdict(moves(550), 1_000)).toBe('held: 1.55 times the least of 1000 bytes');
  });

  it('catches more than that', () => {
    expect(verdict(moves(551), 1_000)).toBe(
      'violated: 1551 bytes were moved, 1.55 times the least of 1000; 1.55 times are accepted',
    );
  });

  it('grants it for as many transfers as are accepted, not for every needless one', () => {
    const stored = stock();
    for (let key = 0; key < 100; key++) {
      put(stored, key, 40, 12_000);
      put(stored, key, 10, 12_000);
    }
    const everything = Array.from({ length: 100 }, () => ['join', 100] as const);
    // Two partitions had to move; at 1 + 0.25 + 3 / root 2 times that, seven may, with 100 unseen bytes each.
    expect(verdict(everything, 20, { stored })).toMatch(
      /^violated: 10000 bytes .* 3.37 times are accepted and 700 bytes/,
    );
  });

  it('grants the garbage and the new versions of what was moved, and of nothing else', () => {
    const stored = stock();
    put(stored, 1, 40, 4_000);
    put(stored, 1, 10, 6_000);
    put(stored, 1, 9, 11_000);
    put(stored, 1, 10, 12_000);
    put(stored, 7, 500, 12_000);
    put(stored, 7, 10, 12_000);
    const seen = 40 + 10 + 9 + (9 + 10);
    expect(verdict(moves(550 + seen), 1_000, { stored })).toContain('held');
    expect(verdict(moves(551 + seen), 1_000, { stored })).toBe(
      'violated: 1629 bytes were moved, 1.63 times the least of 1000; 1.55 times are accepted and 78 bytes that were written meanwhile or were garbage',
    );
  });

  it('grants all versions there ever were where a copy may refer to them', () => {
    const stored = stock();
    put(stored, 1, 400, 100);
    put(stored, 1, 10, 200);
    expect(verdict(moves(560), 1_000, { stored })).toContain('violated');
    stored.onWrite(operation({ op: 'copy', key: '99', sizeBytes: 10, generation: 1 }), 300);
    expect(verdict(moves(560), 1_000, { stored })).toContain('held');
  });

  it('grants more where the bytes lie in few partitions', () => {
    const stored = stock();
    put(stored, 50, 1_000, 0);
    expect(verdict(moves(1_500), 1_000, { stored })).toContain('held: 2.50 times');
  });

  it('does not judge what is not known to the byte', () => {
    expect(verdict([['load', 9_000]], null)).toBe('not-judged: no node joined or left');
    expect(verdict([['join', 9_000]], 10, { faults: [join, crash] })).toBe(
      'not-judged: what "crash a at 1 s" made necessary is not known to the byte',
    );
    const repaired = [
      ['repair', 5],
      ['join', 9_000],
    ] as const;
    expect(verdict(repaired, 10)).toBe('not-judged: repairs copied 5 bytes beside');
    expect(verdict(moves(9_000), 10, { movesMore: 'it is built anew' })).toBe('not-judged: it is built anew');
  });
});
