import { z } from 'zod';
import { DriftingClock } from '../drifting-clock.ts';
import { defineFault } from './fault.ts';

/** The wall clock is set wrong, and set right at the end (a bad time server); the monotonic one runs on. Effects: clocks set. */
export const clockJump = defineFault({
  kind: 'clock-jump',
  summary: 'sets the wall clock forward or back; the monotonic clock runs on',
  target: 'nodes',
  duration: 'optional',
  params: {
    byMs: z
      .number()
      .refine((ms) => ms !== 0, 'accepted: any but 0')
      .describe('forward, or back if below 0'),
  },
  describe: ({ target, params }) => `wall clock of ${target} ${params.byMs > 0 ? '+' : '−'}${Math.abs(params.byMs)} ms`,
  start: ({ targets, params }) => {
    for (const node of targets) node.wallSkewMs += params.byMs;
    return {
      stop: () => {
        for (const node of targets) node.wallSkewMs -= params.byMs;
      },
      effects: () => targets.length,
    };
  },
});

/**
 * Both clocks run fast or slow, and with them timers and timeouts that are set from now on. Crystals stay within 0.02 %; the
 * clocks of strained virtual machines do not. What had been gained stays after the end. Effects: clocks that drift.
 */
export const clockDrift = defineFault({
  kind: 'clock-drift',
  summary: 'lets the clocks and timers of the targets run faster or slower than true time',
  target: 'nodes',
  duration: 'optional',
  params: {
    rate: z
      .number()
      .min(0.5)
      .max(2)
      .refine((rate) => rate !== 1, 'accepted: any but 1')
      .describe('local ms that pass in a true one: 0.5 to 2'),
  },
  describe: ({ target, params }) => `clocks of ${target} × ${params.rate}`,
  start: ({ world, targets, params }) => {
    const { kernel } = world;
    const set = (change: (rate: number) => number): void => {
      for (const node of targets) {
        node.drift ??= new DriftingClock();
        node.drift.setRate(change(node.drift.rate), kernel.nowMs);
      }
    };
    set((rate) => rate * params.rate);
    return { stop: () => set((rate) => rate / params.rate), effects: () => targets.length };
  },
});
