import { describe, expect, it } from 'vitest';
import { Checker } from './checker.ts';
import type { OperationEvent } from './operation.ts';
import { operation } from './testdata/events.ts';

function stage() {
  const checker = new Checker({ writeQuorum: 2, convergeWithinMs: 1, partitionOf: () => 0 });
  const tell = (nowMs: number, change: Partial<OperationEvent>) =>
    checker.onEvent('client-1', operation(change), nowMs);
  const verdict = (id: string) => {
    const services = { gateways: ['g'], metadata: ['m'] };
    const none = { nowMs: 9_000, faults: [], faultsPlanned: 0, trafficEndedMs: 0, sent: 0, answered: 0, balances: [] };
    const result = checker.finish({ ...none, services }).find((check) => check.id === id);
    return `${result?.verdict}: ${result?.detail}`;
  };
  tell(100, { op: 'put', generation: 1, checksum: 11 });
  tell(200, { op: 'delete', generation: 2 });
  return { checker, tell, verdict };
}

describe('I16 no resurrection', () => {
  it('holds where a deleted key stays away, or is put or copied again', () => {
    const { checker, tell, verdict } = stage();
    tell(300, { missing: true });
    tell(400, { op: 'copy', generation: 3 });
    tell(500, { generation: 3, checksum: 12 });
    tell(600, { op: 'delete', generation: 4 });
    checker.verifyReadBack('k', { generation: 0, checksum: 0 });
    expect(verdict('I16')).toBe('held: 2 looks at deleted keys');
  });

  it('catches a deleted key that a read, a head or the read-back finds', () => {
    for (const op of ['get', 'head'] as const) {
      const { tell, verdict } = stage();
      tell(300, { op, generation: 1, checksum: op === 'get' ? 11 : 0 });
      expect(verdict('I16')).toBe(
        `violated: 0.3 s: a ${op} of k gave generation 1, which generation 2 had deleted at 0.2 s`,
      );
    }
    const { checker, verdict } = stage();
    checker.verifyReadBack('k', { generation: 1, checksum: 11 });
    expect(verdict('I16')).toBe(
      'violated: a read-back of k gave generation 1, which generation 2 had deleted at 0.2 s',
    );
  });
});

describe('copies', () => {
  it('have content that the first read tells, and all later ones must have', () => {
    const right = stage();
    right.tell(300, { op: 'copy', generation: 3 });
    right.tell(400, { generation: 3, checksum: 12 });
    right.tell(500, { generation: 3, checksum: 12 });
    right.checker.verifyReadBack('k', { generation: 3, checksum: 12 });
    expect(right.verdict('I11')).toContain('held: 1 bodies; 1 not judged');
    expect(right.verdict('I1')).toContain('held');
    const wrong = stage();
    wrong.tell(300, { op: 'copy', generation: 3 });
    wrong.tell(400, { generation: 3, checksum: 12 });
    wrong.tell(500, { generation: 3, checksum: 13 });
    expect(wrong.verdict('I11')).toContain('gave bytes with checksum 13; written was 12');
  });

  it('in doubt may have left anything', () => {
    const { tell, verdict } = stage();
    tell(300, { op: 'copy', status: 'unknown' });
    tell(400, { generation: 3, checksum: 99 });
    expect(verdict('I11')).toContain('held');
    expect(verdict('I2-linearizable')).toContain('held');
  });

  it('of nothing say nothing of the new key', () => {
    const { tell, verdict } = stage();
    tell(300, { op: 'copy', missing: true });
    tell(400, { missing: true });
    expect(verdict('I2-linearizable')).toContain('held');
  });
});

describe('conditions', () => {
  it('catch a conditional write that succeeded or was refused against what the key held', () => {
    for (const [change, says] of [
      [
        { op: 'put', generation: 3, checksum: 12, condition: { kind: 'if-generation', generation: 1 } },
        'a write of generation 3 on condition of generation 1',
      ],
      [{ op: 'put', condition: { kind: 'if-absent' } }, 'a write refused because absence did not hold'],
    ] as const) {
      const { tell, verdict } = stage();
      tell(300, change);
      expect(verdict('I2-linearizable')).toContain(says);
    }
    const right = stage();
    right.tell(300, { op: 'put', generation: 3, checksum: 12, condition: { kind: 'if-absent' } });
    right.tell(400, { op: 'put', condition: { kind: 'if-absent' } });
    right.tell(500, { op: 'delete', generation: 5, condition: { kind: 'if-generation', generation: 3 } });
    expect(right.verdict('I2-linearizable')).toContain('held');
  });
});

describe('bounded staleness', () => {
  it('lets a read be as old as it may, and no older', () => {
    const run = (staleWithinMs: number) => {
      const checker = new Checker({ writeQuorum: 2, convergeWithinMs: 1, partitionOf: () => 0, staleWithinMs });
      const tell = (nowMs: number, change: Partial<OperationEvent>) =>
        checker.onEvent('client-1', operation(change), nowMs);
      tell(100, { op: 'put', generation: 1, checksum: 11 });
      tell(1_000, { op: 'put', generation: 2, checksum: 12 });
      tell(1_500, { generation: 1, checksum: 11 });
      const services = { gateways: ['g'], metadata: ['m'] };
      const none = {
        nowMs: 9_000,
        faults: [],
        faultsPlanned: 0,
        trafficEndedMs: 0,
        sent: 0,
        answered: 0,
        balances: [],
      };
      return checker
        .finish({ ...none, services })
        .filter(({ verdict }) => verdict === 'violated')
        .map(({ id }) => id);
    };
    expect(run(0)).toEqual(['I2', 'I2-linearizable']);
    expect(run(400)).toEqual(['I2', 'I2-linearizable']);
    expect(run(600)).toEqual([]);
  });
});
