import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, daysSinceEpoch } from './calendar.ts';

describe('the calendar', () => {
  it('agrees with Date from 1900 to 2200', () => {
    const days = fc.integer({ min: -25_567, max: 84_000 });
    fc.assert(
      fc.property(days, (day) => {
        const iso = new Date(day * 86_400_000).toISOString().slice(0, 10);
        const [year = 0, month = 0, date = 0] = iso.split('-').map(Number);
        expect(daysSinceEpoch(year, month, date)).toBe(day);
        expect(dayOf(day * 86_400_000 + 5)).toBe(iso);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
