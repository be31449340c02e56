import { describe, expect, it } from 'vitest';
import { EJECTED } from '../backend-pool.ts';
import type { Verdict } from '../traffic-window.ts';
import { policySettings } from './config.ts';
import { OutlierEjection } from './outlier-ejection.ts';
import { successRateThreshold } from './success-rate.ts';
import { PolicyRig } from './testdata/policy-rig.ts';

const MIXED_OUT = { consecutiveFaults: 0 };

function rigWith(count: number, settings: Readonly<Record<string, unknown>> = {}): PolicyRig {
  const config = policySettings.outlierEjection.unwrap().parse(settings);
  const rig = new PolicyRig(count);
  rig.start(new OutlierEjection(rig, config));
  return rig;
}

const out = (rig: PolicyRig) => rig.backends.filter(({ bars }) => (bars & EJECTED) !== 0).map(({ id }) => id);
const times = (count: number, verdict: Verdict): Verdict[] => Array<Verdict>(count).fill(verdict);

describe('outlier ejection', () => {
  it('ejects after five faults in a row, not after five with a success between them', () => {
    const rig = rigWith(10);
    rig.play(1, 'fault', 'fault', 'fault', 'fault', 'success', 'fault', 'nothing', 'fault', 'fault', 'fault');
    expect(out(rig)).toEqual([]);
    rig.play(1, 'fault');
    expect(out(rig)).toEqual(['data-1']);
    expect(rig.decisions).toEqual(['outlier-ejection data-1 eject']);
    expect(rig.metrics.ejections).toBe(1);
  });

  it('ejects no more than its share of the table, but one where the share allows any', () => {
    const rig = rigWith(10, { maxEjectedShare: 0.25 });
    for (let number = 1; number <= 10; number++) rig.play(number, ...times(6, 'fault'));
    expect(out(rig)).toEqual(['data-1', 'data-2', 'data-3']);
    const none = rigWith(10, { maxEjectedShare: 0 });
    none.play(1, ...times(6, 'fault'));
    expect(out(none)).toEqual([]);
    const one = rigWith(3);
    one.play(2, ...times(6, 'fault'));
    one.play(3, ...times(6, 'fault'));
    expect(out(one)).toEqual(['data-2']);
  });

  it('stays out the longer the more often, up to the most, and is forgiven an interval at a time', () => {
    const rig = rigWith(10, { intervalMs: 1_000, baseEjectionMs: 3_000, maxEjectionMs: 7_000 });
    const eject = () => {
      rig.play(1, ...times(5, 'fault'));
      const startMs = rig.nowMs;
      while (out(rig).length > 0) rig.run(500);
      return rig.nowMs - startMs;
    };
    expect([eject(), eject(), eject()]).toEqual([3_000, 6_000, 7_000]);
    rig.run(2_000);
    expect(eject()).toBe(6_000);
    rig.run(60_000);
    expect(eject()).toBe(3_000);
  });

  it('ejects by success rate whoever is far below its peers', () => {
    const rig = rigWith(10, MIXED_OUT);
    for (let number = 1; number <= 9; number++) rig.play(number, ...times(99, 'success'), 'fault');
    rig.play(10, ...times(50, 'success'), ...times(50, 'fault'));
    rig.run(10_000);
    expect(out(rig)).toEqual(['data-10']);
  });

  it('ejects nobody where all fail alike: that is no outlier', () => {
    const rig = rigWith(10, MIXED_OUT);
    for (let number = 1; number <= 10; number++) rig.play(number, ...times(50, 'success'), ...times(50, 'fault'));
    rig.run(10_000);
    expect(out(rig)).toEqual([]);
  });

  it.each([
    ['too few requests', 10, 99],
    ['too few backends', 4, 100],
  ])('judges no success rate by %s', (_why, backends, requests) => {
    const rig = rigWith(backends, MIXED_OUT);
    for (let number = 2; number <= backends; number++) rig.play(number, ...times(requests, 'success'));
    rig.play(1, ...times(requests, 'fault'));
    rig.run(10_000);
    expect(out(rig)).toEqual([]);
  });

  it('judges each interval by itself', () => {
    const rig = rigWith(10, MIXED_OUT);
    for (let round = 0; round < 4; round++) {
      for (let number = 2; number <= 10; number++) rig.play(number, ...times(60, 'success'));
      rig.play(1, ...times(30, 'success'), ...times(30, 'fault'));
      rig.run(10_000);
    }
    expect(out(rig)).toEqual([]);
  });

  it('ejects beyond a share of failures, if it is told one', () => {
    const failureShare = { threshold: 0.85, minimumBackends: 1 };
    const rig = rigWith(10, { ...MIXED_OUT, failureShare });
    rig.play(1, ...times(8, 'success'), ...times(44, 'fault'));
    rig.play(2, ...times(7, 'success'), ...times(45, 'fault'));
    rig.run(10_000);
    expect(out(rig)).toEqual(['data-2']);
  });

  it('outlives changes of the table: an ejection goes on, a node that left counts no more', () => {
    const rig = rigWith(10);
    const policy = rig.start(new OutlierEjection(rig, policySettings.outlierEjection.unwrap().parse({})));
    rig.play(1, ...times(5, 'fault'));
    policy.update(rig.backends.slice(0, 9));
    expect(out(rig)).toEqual(['data-1']);
    policy.update(rig.backends.slice(1));
    policy.ended(rig.backend(1), 'fault');
    rig.play(2, ...times(5, 'fault'));
    expect(out(rig)).toContain('data-2');
  });
});

describe('the threshold of success rates', () => {
  it('is the mean less so many standard deviations', () => {
    // Mean 0.9, deviation 0.1.
    expect(successRateThreshold([1, 1, 0.8, 0.8], 1.9)).toBeCloseTo(0.71, 10);
    expect(successRateThreshold([0.5, 0.5], 1.9)).toBe(0.5);
  });
});
