import { describe, expect, it } from 'vitest';
import type { FaultRecord } from '../record/schema.ts';
import { DisruptionCheck } from './disruption.ts';
import { said } from './testdata/events.ts';

const MEMBERS = ['m1', 'm2', 'm3'];

function fault(kind: string, targets: string[], startMs: number, endMs: number | null): FaultRecord {
  return { kind, line: kind, targets, startMs, endMs, effects: 1 };
}

/** m1 led, and m2 leads from 20 s on. */
function deposed(...faults: FaultRecord[]): string {
  const check = new DisruptionCheck();
  check.onElection(1, 'm1', 1_000);
  check.onElection(2, 'm2', 20_000);
  check.close(MEMBERS, faults);
  return said(check);
}

describe('I5 disruption', () => {
  it('catches a leader that is deposed by who was cut off, and for nothing at all', () => {
    const words = 'm2 deposed m1 in term 2, though for 5 s no fault had touched it, nor m2';
    expect(deposed(fault('isolate', ['m3'], 10_000, 19_000))).toBe(`violated: 20 s: ${words}`);
    expect(deposed()).toBe(`violated: 20 s: ${words}, m3`);
    expect(deposed(fault('crash', ['m1'], 1_500, 2_000), fault('drain', ['m1'], 19_000, null))).toContain('violated');
  });

  it.each([
    ['that was struck', fault('pause', ['m1'], 18_000, 19_500)],
    ['whose majority was struck', fault('delay', ['m2', 'm3'], 18_000, null)],
    ['that hands over', fault('transfer-leader', ['m2'], 19_900, null)],
  ])('lets a leader go %s', (_why, its) => {
    expect(deposed(its)).toBe('held: 1 changes of leaders');
  });

  it('goes by the faults from when the leader stepped down, however late the next one leads', () => {
    const judged = (steppedDownMs: number) => {
      const check = new DisruptionCheck();
      check.onElection(1, 'm1', 1_000);
      check.onState('m1', 'leader', 1_000);
      check.onState('m2', 'follower', 1_000);
      check.onState('m1', 'follower', steppedDownMs);
      check.onState('m1', 'pre-candidate', 15_000);
      check.onElection(2, 'm1', 20_000);
      check.close(MEMBERS, [fault('crash', ['m2', 'm3'], 5_000, 6_000)]);
      return said(check);
    };
    expect(judged(10_999)).toBe('held: 1 changes of leaders');
    expect(judged(11_001)).toContain('violated: 20 s: m1 deposed m1');
  });

  it('has nothing to say of the first leader, nor of news that come late', () => {
    const check = new DisruptionCheck();
    check.onElection(3, 'm1', 1_000);
    check.onElection(2, 'm2', 2_000);
    check.close(MEMBERS, []);
    expect(said(check)).toBe('not-judged: no leader was deposed');
  });
});
