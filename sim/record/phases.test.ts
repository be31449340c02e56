import { describe, expect, it } from 'vitest';
import { planPhases } from './phases.ts';

const names = (...args: Parameters<typeof planPhases>) =>
  planPhases(...args).map(({ name, startMs, endMs }) => `${name} ${startMs}-${endMs}`);

describe('planPhases', () => {
  it('cuts a run at its faults', () => {
    expect(names(100, 10, [{ name: 'crash a', startMs: 40, endMs: 60 }])).toEqual([
      'warm-up 0-10',
      'before 10-40',
      'during crash a 40-60',
      'after crash a 60-100',
    ]);
  });

  it('gives each set of overlapping faults a phase', () => {
    const faults = [
      { name: 'a', startMs: 10, endMs: 50 },
      { name: 'b', startMs: 30, endMs: 70 },
      { name: 'c', startMs: 30, endMs: 40 },
    ];
    expect(names(100, 0, faults)).toEqual([
      'before 0-10',
      'during a 10-30',
      'during a and 2 more 30-40',
      'during a and b 40-50',
      'during b 50-70',
      'after b 70-100',
    ]);
  });

  it('lets a fault without end last to the end, and none follow it', () => {
    expect(names(100, 0, [{ name: 'crash a', startMs: 40, endMs: null }])).toEqual([
      'before 0-40',
      'during crash a 40-100',
    ]);
  });

  it('keeps warm-up whole when a fault falls into it', () => {
    expect(names(100, 50, [{ name: 'a', startMs: 10, endMs: 20 }])).toEqual(['warm-up 0-50', 'after a 50-100']);
    expect(names(100, 50, [{ name: 'a', startMs: 10, endMs: 60 }])).toEqual([
      'warm-up 0-50',
      'during a 50-60',
      'after a 60-100',
    ]);
  });

  it('covers the run without gap or overlap, whatever the faults, in a readable number of phases', () => {
    for (const count of [0, 1, 7, 200]) {
      const faults = Array.from({ length: count }, (_, i) => ({
        name: `f${i}`,
        startMs: (i * 37) % 900,
        endMs: ((i * 37) % 900) + 5 + (i % 50),
      }));
      const phases = planPhases(1000, 100, faults);
      expect(phases.length).toBeLessThanOrEqual(40);
      expect([phases[0]?.startMs, phases.at(-1)?.endMs]).toEqual([0, 1000]);
      for (const [i, phase] of phases.entries()) expect(phase.startMs).toBe(phases[i - 1]?.endMs ?? 0);
    }
  });
});
