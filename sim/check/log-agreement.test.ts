import { describe, expect, it } from 'vitest';
import { LogAgreementCheck } from './log-agreement.ts';
import { said } from './testdata/events.ts';

function stage() {
  const check = new LogAgreementCheck();
  const apply = (node: string, index: number, term = 1, digest = index * 7) =>
    check.onApplied({ kind: 'raft-applied', index, term, digest }, node, index);
  const applyAll = (node: string, from: number, to: number) => {
    for (let index = from; index <= to; index++) apply(node, index);
  };
  return { check, apply, applyAll };
}

describe('I4 log agreement', () => {
  it('holds over members that lag, start again from their log and from snapshots', () => {
    const { check, applyAll } = stage();
    applyAll('m1', 1, 100);
    applyAll('m2', 1, 40);
    check.onRestart('m2');
    applyAll('m2', 1, 90);
    check.onSnapshot('m3', 60);
    applyAll('m3', 61, 120);
    check.onSnapshot('m1', 80);
    applyAll('m1', 101, 110);
    expect(said(check)).toBe('held: 300 entries applied, on 3 members');
    expect(check.committed).toEqual({ index: 120, term: 1 });
  });

  it('catches another entry at the same place', () => {
    const { check, apply, applyAll } = stage();
    applyAll('m1', 1, 5);
    applyAll('m2', 1, 4);
    apply('m2', 5, 1, 999);
    expect(said(check)).toBe(
      'violated: 0.005 s: m2 applied entry 5 of term 1 with digest 999; another member applied one of term 1 with digest 35',
    );
    const terms = stage();
    terms.apply('m1', 1, 2, 5);
    terms.apply('m2', 1, 3, 5);
    expect(said(terms.check)).toContain('m2 applied entry 1 of term 3');
  });

  it('catches entries left out, applied twice, and terms that fall along the log', () => {
    const left = stage();
    left.apply('m1', 1);
    left.apply('m1', 3);
    expect(said(left.check)).toBe('violated: 0.003 s: m1 applied entry 3 after 1');
    const twice = stage();
    twice.apply('m1', 1);
    twice.apply('m1', 1);
    expect(said(twice.check)).toBe('violated: 0.001 s: m1 applied entry 1 after 1');
    const falling = stage();
    falling.apply('m1', 1, 4);
    falling.apply('m1', 2, 3);
    expect(said(falling.check)).toBe('violated: 0.002 s: m1 applied entry 2 of term 3 after one of term 4');
  });

  it('forgets nothing: a difference that is far behind the entries that are remembered is still found', () => {
    const { check, apply, applyAll } = stage();
    applyAll('m1', 1, 70_000);
    applyAll('m2', 1, 99);
    apply('m2', 100, 1, 999);
    expect(said(check)).toBe('held: 70100 entries applied, on 2 members');
    applyAll('m2', 101, 300);
    expect(said(check)).toBe('violated: 0.256 s: what m2 applied up to entry 256 differs from what another member did');
  });

  it('does not judge where there is no replicated log', () => {
    expect(said(new LogAgreementCheck())).toBe('not-judged: no entry was applied by a replicated log');
  });
});
