import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CIRCUIT_OPEN } from '../backend-pool.ts';
import type { Verdict } from '../traffic-window.ts';
import { CallWindow } from './call-window.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { policySettings } from './config.ts';
import { PolicyRig } from './testdata/policy-rig.ts';

const OPEN_MS = 5_000;

function rigWith(settings: Readonly<Record<string, unknown>> = {}): PolicyRig {
  const rig = new PolicyRig(3);
  rig.start(new CircuitBreaker(rig, policySettings.circuitBreaker.unwrap().parse(settings)));
  return rig;
}

const isOpen = (rig: PolicyRig, number = 1) => (rig.backend(number).bars & CIRCUIT_OPEN) !== 0;
const times = (count: number, verdict: Verdict): Verdict[] => Array<Verdict>(count).fill(verdict);

describe('a circuit', () => {
  it('opens after faults in a row, that of its own backend only', () => {
    const rig = rigWith();
    rig.play(1, ...times(4, 'fault'), 'success', ...times(4, 'fault'), 'nothing');
    expect(isOpen(rig)).toBe(false);
    rig.play(1, 'fault');
    expect([isOpen(rig), isOpen(rig, 2)]).toEqual([true, false]);
    expect(rig.decisions).toEqual(['circuit-breaker data-1 open']);
    expect(rig.metrics.circuitsOpened).toBe(1);
  });

  it('opens beyond a share of faults among the last calls, once there are enough', () => {
    const rig = rigWith({ consecutiveFaults: 0, failureShare: 0.5, minimumCalls: 20, windowCalls: 40 });
    rig.play(1, ...times(19, 'fault'));
    expect(isOpen(rig)).toBe(false);
    rig.play(1, 'fault');
    expect(isOpen(rig)).toBe(true);
    rig.play(2, ...times(20, 'success'), ...times(20, 'fault'));
    expect(isOpen(rig, 2)).toBe(false);
    // The oldest success leaves the window.
    rig.play(2, 'fault');
    expect(isOpen(rig, 2)).toBe(true);
  });

  it('lets its probes through after the pause, no more, and closes when all end well', () => {
    const rig = rigWith({ probes: 2 });
    rig.play(1, ...times(5, 'fault'));
    rig.run(OPEN_MS - 1);
    expect(isOpen(rig)).toBe(true);
    rig.run(1);
    expect(isOpen(rig)).toBe(false);
    rig.play(1, 'success', 'success');
    expect(rig.decisions.slice(1)).toEqual(['circuit-breaker data-1 half-open', 'circuit-breaker data-1 close']);
    rig.play(1, ...times(4, 'fault'));
    expect(isOpen(rig)).toBe(false);
  });

  it('has no room while its probes are on their way', () => {
    const rig = new PolicyRig(1);
    const policy = rig.start(new CircuitBreaker(rig, policySettings.circuitBreaker.unwrap().parse({ probes: 2 })));
    rig.play(1, ...times(5, 'fault'));
    rig.run(OPEN_MS);
    const backend = rig.backend(1);
    policy.sent(backend);
    expect(isOpen(rig)).toBe(false);
    policy.sent(backend);
    expect(isOpen(rig)).toBe(true);
    // A probe that tells nothing gives its turn back.
    policy.ended(backend, 'nothing', rig.nowMs);
    expect(isOpen(rig)).toBe(false);
  });

  it('opens again when a probe fails', () => {
    const rig = rigWith();
    rig.play(1, ...times(5, 'fault'));
    rig.run(OPEN_MS);
    rig.play(1, 'fault');
    expect(isOpen(rig)).toBe(true);
    rig.run(OPEN_MS);
    rig.play(1, ...times(3, 'success'));
    expect(isOpen(rig)).toBe(false);
    expect(rig.decisions.at(-1)).toBe('circuit-breaker data-1 close');
  });

  it('remembers no calls from before it opened', () => {
    const rig = rigWith({ consecutiveFaults: 0, minimumCalls: 10, windowCalls: 10, probes: 1 });
    rig.play(1, ...times(10, 'fault'));
    rig.run(OPEN_MS);
    rig.play(1, 'success', ...times(9, 'fault'));
    expect(isOpen(rig)).toBe(false);
    rig.play(1, 'fault');
    expect(isOpen(rig)).toBe(true);
  });

  it('is not moved by calls that were sent before its pause was over', () => {
    const rig = new PolicyRig(1);
    const policy = rig.start(new CircuitBreaker(rig, policySettings.circuitBreaker.unwrap().parse({})));
    rig.play(1, ...times(5, 'fault'));
    policy.ended(rig.backend(1), 'fault', 0);
    rig.run(OPEN_MS);
    policy.ended(rig.backend(1), 'fault', 10);
    for (let i = 0; i < 3; i++) policy.ended(rig.backend(1), 'success', 10);
    expect(rig.decisions).toEqual(['circuit-breaker data-1 open', 'circuit-breaker data-1 half-open']);
  });

  it('of a node that has left stirs no more', () => {
    const rig = new PolicyRig(2);
    const policy = rig.start(new CircuitBreaker(rig, policySettings.circuitBreaker.unwrap().parse({})));
    rig.play(1, ...times(5, 'fault'));
    policy.update(rig.backends.slice(1));
    rig.run(2 * OPEN_MS);
    expect(rig.decisions).toEqual(['circuit-breaker data-1 open']);
  });
});

describe('the window of calls', () => {
  it('counts the faults among the last so many', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (faults, size) => {
        const window = new CallWindow(size);
        for (const fault of faults) window.add(fault);
        const last = faults.slice(-size);
        expect([window.calls, window.faults]).toEqual([last.length, last.filter(Boolean).length]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
