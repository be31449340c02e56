import { describe, expect, it } from 'vitest';
import { type Leftovers, LeftoversCheck, type LeftoversDue } from './leftovers.ts';
import { said } from './testdata/events.ts';

const IDLE = { leader: 'm', repairs: 0, moves: 0, transfers: 0 };
const CALM: LeftoversDue = {
  ...{ nowMs: 500_000, workDueMs: 60_000, disturbedMs: 30_000, obstacle: undefined },
  canBeReached: () => true,
};

function judge(left: Partial<Leftovers>, due: Partial<LeftoversDue> = {}, hasOrders = false): string {
  const check = new LeftoversCheck(200_000);
  const unknown = [
    { id: 'old', partition: 3, ageMs: 300_000 },
    { id: 'new', partition: 3, ageMs: 1_000 },
  ];
  check.close({ work: IDLE, stocks: [{ node: 'a', blocks: 10, unknown, hasOrders }], ...left }, { ...CALM, ...due });
  return said(check);
}

describe('leftovers', () => {
  it('finds a block that outlived its grace, and leaves the younger one', () => {
    expect(judge({})).toBe(
      'violated: 500 s: a holds block old of partition 3 for 300 s, and metadata knows nothing of it; 200 s are accepted',
    );
  });

  it('waits for the grace after the last disturbance, and for orders that the node has', () => {
    const held = 'held: 10 blocks on 1 nodes, 2 of them unknown and within their time';
    expect(judge({}, { disturbedMs: 400_000 })).toBe(held);
    expect(judge({}, {}, true)).toBe(held);
  });

  it('demands nothing of a node that nobody reaches', () => {
    expect(judge({}, { canBeReached: () => false })).toMatch('held: 0 blocks');
  });

  it('wants the queues empty by their time', () => {
    const work = { ...IDLE, moves: 2 };
    expect(judge({ work, stocks: [] })).toMatch('violated: 500 s: m has 0 repairs, 2 moves and 0 transfers open');
    expect(judge({ work, stocks: [] }, { workDueMs: 600_000 })).toMatch('not-judged: 0 repairs, 2 moves');
    expect(judge({ work, stocks: [] }, { obstacle: 'a zone is gone' })).toMatch('but a zone is gone');
    expect(judge({ stocks: [] })).toMatch('held');
  });

  it('is not judged where nobody leads', () => {
    expect(judge({ work: undefined })).toBe('not-judged: no leader of the metadata could be looked at');
  });
});
