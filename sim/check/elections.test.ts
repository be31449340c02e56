import { describe, expect, it } from 'vitest';
import { ElectionsCheck, type RaftState } from './elections.ts';
import { said } from './testdata/events.ts';

function stage() {
  const check = new ElectionsCheck();
  const state = (
    node: string,
    term: number,
    vote: string,
    more: Partial<RaftState> = {},
    committed = { index: 0, term: 0 },
  ) =>
    check.onState(
      { kind: 'raft-state', term, vote, role: 'follower', lastIndex: 9, lastTerm: 1, member: node, ...more },
      node,
      committed,
      1_000,
    );
  return { check, state };
}

describe('I5 elections', () => {
  it('holds over elections, lost ones among them, and a member that comes back under another name', () => {
    const { check, state } = stage();
    state('m1', 1, '');
    state('m1', 1, 'm1', { role: 'candidate' });
    state('m2', 1, 'm1');
    state('m1', 1, 'm1', { role: 'leader' }, { index: 9, term: 1 });
    state('m2', 2, '');
    state('m2', 2, 'm2', { role: 'leader' }, { index: 9, term: 1 });
    state('m1', 2, 'm2');
    state('m1', 0, '', { member: 'm1.2' });
    expect(said(check)).toContain('held');
  });

  it('catches two leaders of a term', () => {
    const { check, state } = stage();
    state('m1', 3, 'm1', { role: 'leader' });
    state('m2', 3, 'm2', { role: 'leader' });
    expect(said(check)).toBe('violated: 1 s: m2 leads term 3, and so did m1');
  });

  it('catches terms that go back, and votes that change', () => {
    const back = stage();
    back.state('m1', 3, '');
    back.state('m1', 2, '');
    expect(said(back.check)).toBe('violated: 1 s: m1 went back from term 3 to 2');
    const twice = stage();
    twice.state('m1', 3, 'm1');
    twice.state('m1', 3, 'm2');
    expect(said(twice.check)).toBe('violated: 1 s: m1 voted for m1 in term 3, and then for m2');
    const forgotten = stage();
    forgotten.state('m1', 3, 'm1');
    forgotten.state('m1', 3, '');
    expect(said(forgotten.check)).toContain('and then for nobody');
  });

  it('catches a leader that lacks what was committed', () => {
    for (const last of [{ lastIndex: 8 }, { lastTerm: 0 }]) {
      const { check, state } = stage();
      state('m1', 3, 'm1', { role: 'leader', ...last }, { index: 9, term: 1 });
      expect(said(check)).toMatch(
        /violated: 1 s: m1 leads term 3 with a log up to .*; entry 9 of term 1 was committed/,
      );
    }
  });

  it('catches a change of members that is begun while another is open', () => {
    const { check } = stage();
    const change = (index: number, lastIndex: number, term: number, node = 'm1') =>
      check.onMembers({ kind: 'raft-members', index, lastIndex, term }, node, 1_000);
    change(4, 6, 2);
    change(7, 9, 2);
    change(9, 9, 0, 'm2');
    change(9, 9, 3);
    expect(said(check)).toContain('held');
    change(12, 13, 3);
    change(13, 13, 3);
    expect(said(check)).toBe(
      'violated: 1 s: m1 began the change of members at entry 13 while the one before it was open',
    );
  });
});
