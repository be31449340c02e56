import { describe, expect, it } from 'vitest';
import type { FaultRecord } from '../record/schema.ts';
import { said } from './testdata/events.ts';
import { WatchCheck } from './watch.ts';

const cut: FaultRecord = { kind: 'isolate', line: '', targets: ['g'], startMs: 5_000, endMs: 30_000, effects: 1 };

/** Epochs 1 to 4, a second apart; maps must be seen within 10 s. */
function stage() {
  const check = new WatchCheck(10_000);
  for (let epoch = 1; epoch <= 4; epoch++) check.onInstalled(epoch, 1_000 * epoch);
  const verdict = (faults: readonly FaultRecord[] = [], nowMs = 60_000) => {
    check.close(faults, nowMs);
    return said(check);
  };
  return { check, verdict };
}

describe('I14 watches', () => {
  it('holds in order, with epochs left out that a later one has overtaken, and on from there after a restart', () => {
    const { check, verdict } = stage();
    check.onSeen('g', 1, 1_100);
    check.onSeen('g', 3, 3_100);
    check.onProcess('g', 'down', 3_200);
    check.onProcess('g', 'up', 3_900);
    check.onSeen('g', 3, 3_950);
    check.onSeen('g', 4, 4_100);
    expect(verdict()).toBe('held: 4 maps at 1 processes');
  });

  it('catches epochs that come twice or go back', () => {
    const twice = stage();
    twice.check.onSeen('g', 4, 4_100);
    twice.check.onSeen('g', 4, 4_200);
    expect(twice.verdict()).toBe('violated: 4.2 s: g was given the map of epoch 4 again');
    const back = stage();
    back.check.onSeen('g', 4, 4_100);
    back.check.onSeen('g', 3, 4_200);
    expect(back.verdict()).toBe('violated: 4.2 s: g was given the map of epoch 3 after epoch 4');
  });

  it('catches a process that goes on from an older epoch than before its restart', () => {
    const { check, verdict } = stage();
    check.onSeen('g', 4, 4_100);
    check.onProcess('g', 'down', 4_200);
    check.onProcess('g', 'up', 4_300);
    check.onSeen('g', 3, 4_400);
    expect(verdict()).toContain('g starts with epoch 3; before its restart it had seen 4');
  });

  it('catches maps that come late or never', () => {
    const late = stage();
    late.check.onSeen('g', 3, 3_100);
    late.check.onSeen('g', 4, 14_500);
    expect(late.verdict()).toBe('violated: 4 s: g was told of epoch 4 only 10.5 s later; 10 s are accepted');
    const never = stage();
    never.check.onSeen('g', 3, 3_100);
    expect(never.verdict()).toBe('violated: 4 s: g was told of epoch 4 never; 10 s are accepted');
  });

  it('excuses who was struck, did not run, or has had no time', () => {
    const struck = stage();
    struck.check.onSeen('g', 3, 3_100);
    struck.check.onSeen('g', 4, 31_000);
    expect(struck.verdict([cut])).toContain('held');
    const operated = stage();
    operated.check.onSeen('g', 3, 3_100);
    operated.check.onSeen('g', 4, 31_000);
    expect(operated.verdict([{ ...cut, kind: 'drain' }])).toContain('violated');
    const stopped = stage();
    stopped.check.onSeen('g', 3, 3_100);
    stopped.check.onProcess('g', 'paused', 3_200);
    stopped.check.onProcess('g', 'up', 31_000);
    stopped.check.onSeen('g', 4, 32_000);
    expect(stopped.verdict()).toContain('held');
    const early = stage();
    early.check.onSeen('g', 3, 3_100);
    expect(early.verdict([], 13_000)).toContain('held');
  });
});
