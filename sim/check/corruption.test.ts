import { describe, expect, it } from 'vitest';
import type { FaultRecord } from '../record/schema.ts';
import { CorruptionCheck } from './corruption.ts';
import { said } from './testdata/events.ts';

/** A bit of a's disk is turned over at 1 s; it is to be found within 20 s. */
function stage(withinMs = 20_000) {
  const check = new CorruptionCheck(() => withinMs);
  check.onInjected('a', 'segment-1', 1_000);
  const verdict = (nowMs: number, running = true, faults: readonly FaultRecord[] = []) => {
    check.close(() => running, nowMs, faults);
    return said(check);
  };
  return { check, verdict };
}

describe('I11 finding corruption', () => {
  it('holds where it is found in time, or two whole rounds have shown that nothing live was hit', () => {
    const found = stage();
    found.check.onFound('a', 20_000);
    expect(found.verdict(90_000)).toBe('held: 1 of 1 corruptions settled');
    const dead = stage();
    dead.check.onScrubbed('a', 5_000);
    dead.check.onScrubbed('a', 15_000);
    expect(dead.verdict(90_000)).toBe('held: 1 of 1 corruptions settled');
  });

  it('catches one that is not found, or too late', () => {
    const never = stage();
    never.check.onFound('b', 2_000);
    never.check.onScrubbed('a', 5_000);
    expect(never.verdict(30_000)).toBe('violated: 1 s: a bit of segment-1 on a was turned over and not found in 29 s');
    const late = stage();
    late.check.onFound('a', 22_000);
    expect(late.verdict(30_000)).toContain('was found only after 21 s; 20 s are accepted');
    const second = stage();
    second.check.onInjected('a', 'segment-2', 1_500);
    second.check.onFound('a', 2_000);
    expect(second.verdict(90_000)).toContain('violated: 1.5 s: a bit of segment-2');
  });

  it('grants the time for which other faults held the node up', () => {
    const pause = (target: string): FaultRecord => {
      return { kind: 'pause', line: '', targets: [target], startMs: 5_000, endMs: 8_000, effects: 1 };
    };
    for (const [foundMs, word] of [
      [23_500, 'held'],
      [24_500, 'violated'],
    ] as const) {
      const late = stage();
      late.check.onFound('a', foundMs);
      expect(late.verdict(90_000, true, [pause('a'), pause('b')])).toContain(word);
    }
    expect(stage().verdict(23_500, true, [pause('a')])).toContain('not-judged');
    expect(stage().verdict(24_500, true, [pause('a')])).toContain('violated');
  });

  it('does not judge where there was no time, no process, no disk or no scrub', () => {
    expect(stage().verdict(15_000)).toBe('not-judged: no time to find them; 1 not judged');
    expect(stage().verdict(90_000, false)).toContain('not-judged');
    expect(stage(Number.POSITIVE_INFINITY).verdict(90_000)).toContain('not-judged');
    const restarted = stage();
    restarted.check.onStarted('a', 80_000);
    expect(restarted.verdict(90_000)).toContain('not-judged');
    const wiped = stage();
    wiped.check.onDestroyed('a');
    expect(wiped.verdict(90_000)).toContain('not-judged');
  });
});
