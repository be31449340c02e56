import { describe, expect, it } from 'vitest';
import { policySettings } from './config.ts';
import { rampOf, SlowStart } from './slow-start.ts';
import { PolicyRig } from './testdata/policy-rig.ts';

const config = policySettings.slowStart.unwrap().parse({ windowMs: 10_000 });

describe('slow start', () => {
  it('leaves those alone that are there from the beginning', () => {
    const rig = new PolicyRig(3);
    rig.start(new SlowStart(rig, config));
    rig.run(1_000);
    expect(rig.backends.map(({ ramp }) => ramp)).toEqual([1, 1, 1]);
    expect(rig.decisions).toEqual([]);
  });

  it('ramps up a newcomer, and tells the balancer at each step', () => {
    const rig = new PolicyRig(3);
    const policy = new SlowStart(rig, config);
    policy.update(rig.backends.slice(0, 2));
    policy.update(rig.backends);
    const ramps = [0, 500, 4_500, 2_500, 2_500].map((ms) => {
      rig.run(ms);
      return rig.backend(3).ramp;
    });
    expect(ramps).toEqual([0.1, 0.1, 0.5, 0.75, 1]);
    expect(rig.backend(1).ramp).toBe(1);
    expect(rig.reweighs).toBe(20);
    rig.run(60_000);
    expect(rig.reweighs).toBe(20);
  });

  it('ramps up who was down, suspect or left out, from the beginning each time', () => {
    const rig = new PolicyRig(2);
    const policy = rig.start(new SlowStart(rig, config));
    rig.backend(1).standing = 'down';
    policy.update(rig.backends);
    rig.backend(1).standing = 'sound';
    policy.update(rig.backends);
    rig.run(5_000);
    expect(rig.backend(1).ramp).toBe(0.5);
    policy.returned(rig.backend(1));
    expect(rig.backend(1).ramp).toBe(0.1);
    rig.run(9_999);
    expect(rig.backend(1).ramp).toBeLessThan(1);
    rig.run(1);
    expect(rig.backend(1).ramp).toBe(1);
  });
});

describe('the ramp', () => {
  it('is linear with aggression 1, from its minimum on', () => {
    expect([0, 500, 5_000, 9_000, 10_000, 20_000].map((ms) => rampOf(ms, config))).toEqual([0.1, 0.1, 0.5, 0.9, 1, 1]);
  });

  it('rises faster at the beginning with more aggression: half the time gives half to the power of 1/2', () => {
    expect(rampOf(5_000, { ...config, aggression: 2 })).toBeCloseTo(Math.SQRT1_2, 12);
  });
});
