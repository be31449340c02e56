import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds, type Violation } from '../check.ts';
import { judge } from './judge.ts';
import { KeyWatch, WATCH_LIMITS, type WatchLimits } from './key-watch.ts';
import { type KeyState, type StoreOp, storeModel } from './store-model.ts';
import { isLinearizable } from './testdata/brute-force.ts';
import { linearizableHistory, type Report } from './testdata/reference-register.ts';

const put = (generation: number, checksum = generation): StoreOp => ({ kind: 'write', generation, checksum });
const remove = (generation: number): StoreOp => ({ kind: 'delete', generation });
const got = (generation: number, checksum = generation): StoreOp => ({ kind: 'found', generation, checksum });
const MISSING: StoreOp = { kind: 'missing' };
const LOST_DELETE: StoreOp = { kind: 'delete', generation: undefined };
const lostPut = (checksum: number): StoreOp => ({ kind: 'write', generation: undefined, checksum });

/** A watch whose findings can be looked at. */
function stage(limits: Partial<WatchLimits> = {}, start?: KeyState, sinceMs?: number) {
  const found = { fits: 0, notJudged: 0, violated: [] as string[] };
  const listener = {
    fits: () => {
      found.fits += 1;
    },
    violated: ({ what }: Violation) => {
      found.violated.push(typeof what === 'string' ? what : what(seconds));
    },
    notJudged: (operations: number) => {
      found.notJudged += operations;
    },
  };
  return { watch: new KeyWatch('k', listener, { ...WATCH_LIMITS, ...limits }, start, sinceMs), found };
}

type Line = readonly [calledMs: number, returnedMs: number, op: StoreOp];

/** Operations in order of their returns; without a generation their outcome is unknown. */
function findingsOf(lines: readonly Line[], complete = true, limits: Partial<WatchLimits> = {}) {
  const { watch, found } = stage(limits);
  for (const [calledMs, returnedMs, op] of lines) watch.report(op, isCertain(op), calledMs, returnedMs);
  watch.close(complete);
  return found;
}

function isCertain(op: StoreOp): boolean {
  return op.kind === 'missing' || op.kind === 'refused' || op.generation !== undefined;
}

const asHistory = (reports: readonly Report[]) =>
  reports.map(({ op, certain, calledMs, returnedMs }) => ({
    op,
    called: calledMs,
    returned: certain ? returnedMs : undefined,
  }));

describe('KeyWatch on planted faults', () => {
  it.each<[string, Line[], string]>([
    [
      'a stale read',
      [
        [0, 10, put(1)],
        [20, 30, put(2)],
        [40, 50, got(1)],
      ],
      'k: a read of generation 1, from 0.04 s to 0.05 s, fits nowhere: the key was generation 2',
    ],
    [
      'a lost update',
      [
        [0, 10, put(1)],
        [20, 30, MISSING],
      ],
      'k: a read that found nothing, from 0.02 s to 0.03 s, fits nowhere: the key was generation 1',
    ],
    [
      'a deleted key that comes back',
      [
        [0, 10, put(1)],
        [20, 30, remove(2)],
        [40, 50, got(1)],
      ],
      'k: a read of generation 1, from 0.04 s to 0.05 s, fits nowhere: the key was deleted, generation 2',
    ],
    [
      'a read of the future',
      [
        [0, 10, got(1)],
        [20, 30, put(1)],
      ],
      'k: a read of generation 1, from 0 s to 0.01 s, fits nowhere: the key was never written',
    ],
    [
      'two generations swapped',
      [
        [0, 10, put(2)],
        [20, 30, put(1)],
      ],
      'k: a write of generation 1, from 0.02 s to 0.03 s, fits nowhere: the key was generation 2',
    ],
    [
      'readers that see concurrent writes in different orders',
      [
        [10, 20, got(2)],
        [30, 40, got(1)],
        [0, 50, put(1)],
        [0, 50, put(2)],
      ],
      'k: a read of generation 1, from 0.03 s to 0.04 s, fits nowhere: the key was generation 2, with a write of generation 1, a write of generation 2 under way',
    ],
    [
      'the content of another generation',
      [
        [0, 10, put(1, 7)],
        [20, 30, put(2, 8)],
        [40, 50, got(2, 7)],
      ],
      'k: a read of generation 2, from 0.04 s to 0.05 s, fits nowhere: the key was generation 2',
    ],
    [
      'a write that failed and is read nevertheless',
      [
        [0, 10, put(1)],
        [20, 30, got(2)],
      ],
      'k: a read of generation 2, from 0.02 s to 0.03 s, fits nowhere: the key was generation 1',
    ],
    [
      'one generation for two writes',
      [
        [0, 10, put(1, 7)],
        [20, 30, put(1, 8)],
      ],
      'k: a write of generation 1, from 0.02 s to 0.03 s, fits nowhere: the key was generation 1',
    ],
    [
      'a delete of what is not there that made a generation',
      [
        [0, 10, MISSING],
        [20, 30, remove(1)],
      ],
      'k: a delete of generation 1, from 0.02 s to 0.03 s, fits nowhere: the key was never written',
    ],
  ])('finds %s', (_what, lines, explanation) => {
    expect(findingsOf(lines).violated).toContain(explanation);
  });

  it('tells one fault once, and goes on', () => {
    const lines: Line[] = [
      [0, 10, put(1)],
      [20, 30, put(2)],
      [40, 50, got(1)],
    ];
    expect(findingsOf([...lines, [60, 70, got(2)], [80, 90, got(2)]])).toMatchObject({
      fits: 4,
      violated: { length: 1 },
    });
    expect(findingsOf([...lines, [60, 70, got(2)], [80, 90, got(1)]]).violated).toHaveLength(2);
  });
});

describe('KeyWatch on outcomes that nobody knows', () => {
  it('lets a write take effect late, or never', () => {
    const lost: Line = [0, 60, lostPut(7)];
    expect(findingsOf([[10, 20, MISSING], lost]).violated).toEqual([]);
    expect(findingsOf([[10, 20, MISSING], [30, 40, got(1, 7)], lost]).violated).toEqual([]);
    expect(findingsOf([lost, [70, 80, put(3)], [90, 95, got(4, 7)]]).violated).toEqual([]);
  });

  it('holds it to its content, to one time, and to after its call', () => {
    expect(
      findingsOf([
        [0, 60, lostPut(7)],
        [70, 80, got(1, 8)],
      ]).violated,
    ).toHaveLength(1);
    const twice: Line[] = [
      [70, 80, got(1, 7)],
      [81, 82, put(2)],
      [90, 95, got(3, 7)],
    ];
    expect(findingsOf([[0, 60, lostPut(7)], ...twice]).violated).toHaveLength(1);
    expect(findingsOf([[0, 60, lostPut(7)], [1, 61, lostPut(7)], ...twice]).violated).toEqual([]);
    expect(
      findingsOf([
        [0, 10, got(1, 7)],
        [20, 80, lostPut(7)],
      ]).violated,
    ).toHaveLength(1);
  });

  it('holds it to one generation once that was read', () => {
    const lines: Line[] = [
      [0, 60, lostPut(7)],
      [70, 80, got(5, 7)],
    ];
    expect(findingsOf([...lines, [81, 85, got(5, 7)]]).violated).toEqual([]);
    expect(findingsOf([...lines, [81, 85, got(6, 7)]]).violated).toHaveLength(1);
    expect(findingsOf([...lines, [81, 85, put(4)]]).violated).toHaveLength(1);
  });

  it('lets a delete take effect late, but what it deleted does not come back', () => {
    const lines: Line[] = [
      [0, 10, put(1)],
      [20, 60, LOST_DELETE],
      [70, 80, got(1)],
    ];
    expect(findingsOf([...lines, [81, 85, MISSING]]).violated).toEqual([]);
    expect(findingsOf([...lines, [81, 85, MISSING], [86, 90, got(1)]]).violated).toHaveLength(1);
  });

  it('does not condemn what an unreported write may explain, but generations that go back', () => {
    expect(
      findingsOf(
        [
          [0, 10, put(1)],
          [20, 30, got(2)],
        ],
        false,
      ),
    ).toEqual({ fits: 1, notJudged: 1, violated: [] });
    expect(
      findingsOf(
        [
          [0, 10, put(1)],
          [20, 30, MISSING],
          [40, 50, got(1)],
        ],
        false,
      ).violated,
    ).toHaveLength(1);
    expect(
      findingsOf(
        [
          [0, 10, put(2)],
          [20, 30, got(1)],
        ],
        false,
      ).violated,
    ).toHaveLength(1);
  });

  it('judges generations alone where too many writes are in doubt', () => {
    const lost = Array.from({ length: 5 }, (_, i): Line => [i, 20 + i, lostPut(1 + i)]);
    const unknownContent: Line[] = [...lost, [30, 40, got(9, 99)]];
    expect(findingsOf(unknownContent, true, { mostDoubts: 5 }).violated).toHaveLength(1);
    expect(findingsOf(unknownContent, true, { mostDoubts: 4 })).toEqual({ fits: 0, notJudged: 1, violated: [] });
    expect(findingsOf([...unknownContent, [50, 60, got(8)]], true, { mostDoubts: 4 }).violated).toHaveLength(1);
  });
});

describe('KeyWatch on reads that need not be reported', () => {
  it('takes those of the newest version for plain, and no others', () => {
    const { watch, found } = stage();
    watch.report(put(3, 7), true, 0, 10);
    expect([watch.isPlain(3, 7), watch.isPlain(3, 0)]).toEqual([true, true]);
    expect([watch.isPlain(2, 7), watch.isPlain(4, 7), watch.isPlain(3, 8)]).toEqual([false, false, false]);
    watch.report(remove(4), true, 20, 30);
    expect(watch.isPlain(3, 7)).toBe(false);
    expect(found.fits).toBe(2);
  });

  it('looks closely as long as a key that was missing may be the reason', () => {
    const { watch, found } = stage();
    watch.report(put(2), true, 30, 50);
    watch.report(MISSING, true, 55, 80);
    for (const [calledMs, returnedMs] of [
      [75, 90],
      [85, 95],
    ] as const) {
      if (!watch.isPlain(2, 2)) watch.report(got(2), true, calledMs, returnedMs);
    }
    watch.report(LOST_DELETE, false, 52, 200);
    watch.close(true);
    expect(found.violated).toHaveLength(1);
  });
});

describe('KeyWatch in bounded memory', () => {
  it('settles the past of a key that is never at rest', () => {
    const { watch, found } = stage({ longestMs: 50 });
    let most = 0;
    for (let i = 1; i <= 20_000; i++) {
      // Each write is under way when the one before it ends.
      watch.report(put(i), true, 10 * i - 15, 10 * i);
      most = Math.max(most, watch.kept);
    }
    watch.close(true);
    expect(most).toBeLessThanOrEqual(40);
    expect(found).toEqual({ fits: 20_000, notJudged: 0, violated: [] });
  });

  it('settles earlier where a key is too busy, and leaves unjudged what comes too late for that', () => {
    const { watch, found } = stage({ mostOperations: 100 });
    watch.report(put(1), true, 0, 1);
    for (let i = 0; i < 1_000; i++) {
      watch.report(i < 500 ? got(1) : got(2), true, 2 + i, 2.5 + i);
      expect(watch.kept).toBeLessThanOrEqual(100);
    }
    watch.report(put(2), true, 450, 1_100);
    watch.close(true);
    expect(found).toEqual({ fits: 1_000, notJudged: 2, violated: [] });
  });

  it('takes back what a write explains that is reported very late', () => {
    const history = (lost: Line[]): Line[] => [
      [0, 10, put(1)],
      [30, 40, put(5)],
      [15, 60, got(3, 7)],
      ...Array.from({ length: 100 }, (_, i): Line => [100 + 10 * i, 105 + 10 * i, got(5)]),
      ...lost,
    ];
    expect(findingsOf(history([]), true, { longestMs: 50 }).violated).toHaveLength(1);
    const found = findingsOf(history([[5, 2_000, lostPut(7)]]), true, { longestMs: 50 });
    expect(found).toEqual({ fits: 102, notJudged: 2, violated: [] });
  });

  it('joins a history midway', () => {
    const { watch, found } = stage({}, { kind: 'anything', generation: 0 }, 100);
    watch.report(got(3), true, 90, 110);
    watch.report(put(5), true, 95, 120);
    watch.report(got(4), true, 130, 140);
    watch.report(got(5), true, 150, 160);
    watch.report(got(4), true, 170, 180);
    watch.close(true);
    expect(found).toMatchObject({ fits: 2, notJudged: 2, violated: { length: 1 } });
  });
});

describe('KeyWatch on random histories', () => {
  const RUN = { seed: 1, numRuns: 100 };
  const LIMITS = { longestMs: 200 };
  const findingsOn = (reports: readonly Report[]) => {
    const { watch, found } = stage(LIMITS);
    for (const { op, certain, calledMs, returnedMs } of reports) {
      if (op.kind === 'found' && watch.isPlain(op.generation, op.checksum)) continue;
      watch.report(op, certain, calledMs, returnedMs);
    }
    watch.close(true);
    return found;
  };

  it('accepts all that a register can do', () => {
    fc.assert(
      fc.property(linearizableHistory(200), (reports) => {
        const certain = reports.filter((report) => report.certain).length;
        const { fits, notJudged, violated } = findingsOn(reports);
        expect(violated).toEqual([]);
        // Nothing is left unjudged but for the doubts of a long history that are too many.
        expect(fits + notJudged).toBe(certain);
        expect(fits).toBeGreaterThanOrEqual(certain * 0.9);
      }),
      RUN,
    );
  });

  it('finds in pieces what is found in the whole', () => {
    let wrong = 0;
    fc.assert(
      fc.property(linearizableHistory(120), fc.nat(), fc.integer({ min: -3, max: 3 }), (reports, choice, shift) => {
        const spoilt = withWrongRead(reports, choice, shift);
        const whole = judge(storeModel, asHistory(spoilt)).verdict;
        wrong += whole === 'violated' ? 1 : 0;
        expect(findingsOn(spoilt).violated.length > 0).toBe(whole === 'violated');
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(wrong).toBeGreaterThan(50);
  });

  it('agrees with the definition on short histories', () => {
    let wrong = 0;
    fc.assert(
      fc.property(linearizableHistory(7), fc.nat(), fc.integer({ min: -2, max: 2 }), (reports, choice, shift) => {
        const spoilt = withWrongRead(reports, choice, shift);
        const right = isLinearizable(storeModel, asHistory(spoilt));
        wrong += right ? 0 : 1;
        expect(findingsOn(spoilt).violated.length === 0).toBe(right);
      }),
      { seed: 1, numRuns: 1_000 },
    );
    expect(wrong).toBeGreaterThan(100);
  });
});

/** The same history with the generation of one read shifted, if it has a read of one. */
function withWrongRead(reports: readonly Report[], choice: number, shift: number): Report[] {
  const reads = reports.filter(({ op }) => op.kind === 'found');
  const chosen = reads[choice % Math.max(1, reads.length)];
  return reports.map((report) => {
    const { op } = report;
    if (report !== chosen || op.kind !== 'found') return report;
    return { ...report, op: { ...op, generation: Math.max(1, op.generation + shift) } };
  });
}
