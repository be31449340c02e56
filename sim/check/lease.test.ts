import { describe, expect, it } from 'vitest';
import { LeaseCheck } from './lease.ts';
import { said } from './testdata/events.ts';

function stage() {
  const check = new LeaseCheck();
  const revoke = (nowMs: number, term = 2, incarnation = 1) =>
    check.onRevoked({ kind: 'lease-revoked', node: 'a', incarnation, term }, 'metadata-1', nowMs);
  check.onStarted('a', 1);
  check.onApplied(2);
  check.onLease('a', 4_000);
  return { check, revoke };
}

describe('I13 leases', () => {
  it('holds where a lease is revoked when it has run out, was given up, or its process has ended', () => {
    const { check, revoke } = stage();
    revoke(4_000);
    check.onLease('a', 0);
    revoke(4_100);
    check.onLease('a', 9_000);
    check.onEnded('a');
    revoke(5_000);
    expect(said(check)).toBe('held: 3 leases revoked');
  });

  it('catches one that is revoked while its holder serves by it', () => {
    const { check, revoke } = stage();
    revoke(3_999);
    expect(said(check)).toBe('violated: 3.999 s: metadata-1 revoked the lease of a, which holds it until 4 s');
  });

  it('lets the lease of an earlier process be revoked', () => {
    const { check, revoke } = stage();
    check.onStarted('a', 2);
    check.onLease('a', 9_000);
    revoke(5_000, 2, 1);
    expect(said(check)).toContain('held');
    revoke(5_000, 2, 2);
    expect(said(check)).toContain('violated');
  });

  it('catches a deposed leader', () => {
    const { check, revoke } = stage();
    check.onApplied(3);
    revoke(5_000, 2);
    expect(said(check)).toBe(
      'violated: 5 s: metadata-1, leader of term 2, revoked the lease of a when term 3 had begun',
    );
  });

  it('goes by the clock of the holder, whose rate may change while the lease runs', () => {
    let lateMs = 0;
    const check = new LeaseCheck((_, localMs) => localMs + lateMs);
    check.onStarted('a', 1);
    check.onLease('a', 4_000);
    lateMs = 2;
    check.onWritten('a', 4_001);
    expect(said(check)).not.toContain('violated');
    check.onRevoked({ kind: 'lease-revoked', node: 'a', incarnation: 1, term: 0 }, 'metadata-1', 4_001);
    expect(said(check)).toContain('4.001 s: metadata-1 revoked the lease of a, which holds it until 4.002 s');
  });

  it('catches a write that is acknowledged without a lease', () => {
    const { check } = stage();
    check.onWritten('a', 4_000);
    expect(said(check)).not.toContain('violated');
    check.onWritten('a', 4_001);
    expect(said(check)).toBe('violated: 4.001 s: a acknowledged a write; its lease had run out at 4 s');
    const restarted = stage();
    restarted.check.onStarted('a', 2);
    restarted.check.onWritten('a', 100);
    expect(said(restarted.check)).toContain('0.1 s: a acknowledged a write before it was given a lease');
  });
});
