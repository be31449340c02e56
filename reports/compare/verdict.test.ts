import { describe, expect, it } from 'vitest';
import type { Comparison, RunRecord } from '../../sim/record/schema.ts';
import { syntheticComparison } from '../testdata/synthetic.ts';
import { scorecard } from './scorecard.ts';
import { failures, verdict } from './verdict.ts';

/** A comparison in which get p99 is all there is, with the given values by variant and seed. */
function comparing(
  p99: Record<string, (number | null)[]>,
  slo: { max: number } | null = null,
): { comparison: Comparison; records: RunRecord[] } {
  const variants = Object.keys(p99);
  const seeds = p99[variants[0] ?? '']?.length ?? 0;
  const { comparison, records } = syntheticComparison({ variants, seeds, dataNodes: 3, buckets: 4, calm: true });
  return {
    comparison,
    records: records.map((record) => ({
      ...record,
      scenario: { ...record.scenario, slo: slo ? [{ figure: 'get.p99', ...slo }] : [] },
      figures: {
        'get.p99': {
          label: 'Get, p99',
          unit: 'ms',
          better: 'lower',
          value: p99[record.variant.name]?.[record.seed - 1] ?? null,
        },
      },
    })),
  };
}

const sentences = (p99: Record<string, (number | null)[]>): string[] => {
  const { comparison, records } = comparing(p99);
  return verdict(scorecard(comparison, records));
};

describe('verdict', () => {
  it('names a winner with size, interval, seeds and values where the interval excludes zero', () => {
    expect(sentences({ ring: [20, 22, 18, 21], p2c: [12, 13, 11, 12.3] })[0]).toMatch(
      /^p2c beats ring on get p99 by 40 % \[39, 4\d(\.\d)?\], 4 of 4 seeds \(12\.1 ms against 20\.3 ms\)$/,
    );
  });

  it('calls a tie a tie', () => {
    const [first] = sentences({ ring: [20, 22, 18, 21], p2c: [21, 20, 19, 20.5] });
    expect(first).toContain('is a tie');
    expect(first).not.toContain('beats');
  });

  it('says who shares the lead', () => {
    const [first] = sentences({ ring: [20, 22, 18, 21], p2c: [12, 13, 11, 12.3], least: [12.1, 12.8, 11.2, 12.4] });
    expect(first).toMatch(/beats ring .*; it ties with/);
  });

  it('says so where the baseline is best', () => {
    expect(sentences({ ring: [10, 11, 12], p2c: [20, 22, 24.5] })[0]).toMatch(
      /^ring, the baseline, is best on get p99: ahead of p2c by/,
    );
  });

  it('names no winner on one seed, whatever the values', () => {
    const text = sentences({ ring: [20], p2c: [1] }).join();
    expect(text).toContain('no winner is named');
    expect(text).not.toContain('beats');
  });

  it('speaks of one variant without comparing', () => {
    expect(sentences({ p2c: [12, 14] })).toEqual(['Get, p99 is 13 ms, from 12 ms to 14 ms over 2 seeds']);
  });

  it('holds its tongue where nothing was sampled', () => {
    const text = sentences({ ring: [null, null], p2c: [null, null] }).join();
    expect(text).not.toMatch(/NaN|beats|null/);
  });
});

describe('failures', () => {
  it('lists missed objectives with the worst value, and who met them', () => {
    const { comparison, records } = comparing({ ring: [20, 9], p2c: [5, 6] }, { max: 10 });
    expect(failures(scorecard(comparison, records))).toEqual([
      'The objective get p99 at most 10 ms is missed by ring (20 ms at worst, on 1 of 2 seeds); met by p2c',
    ]);
  });

  it('names violated checks with variant and seeds', () => {
    const { comparison, records } = syntheticComparison({
      variants: ['ring-hash', 'p2c'],
      seeds: 2,
      dataNodes: 3,
      buckets: 4,
      broken: true,
    });
    expect(failures(scorecard(comparison, records))[0]).toMatch(
      /^I1 is violated, no acknowledged write is missing: under p2c on seeds 1 and 2/,
    );
  });
});

describe('scorecard', () => {
  it('marks a best only where it differs from every other', () => {
    const clear = comparing({ ring: [20, 22, 18, 21], p2c: [12, 13, 11, 12.3], least: [15, 16, 14, 15.5] });
    const close = comparing({ ring: [20, 22, 18, 21], p2c: [12, 13, 11, 12.3], least: [12.1, 12.8, 11.2, 12.4] });
    expect(scorecard(clear.comparison, clear.records).rows[0]?.best).toBe('p2c');
    expect(scorecard(close.comparison, close.records).rows[0]?.best).toBeNull();
  });

  it('counts wins and losses against the baseline', () => {
    const { comparison, records } = comparing({ ring: [10, 10, 10], p2c: [9, 11, 8] });
    expect(scorecard(comparison, records).rows[0]?.cells[1]).toMatchObject({ wins: 2, losses: 1, samples: 3 });
  });

  it('refuses records of another comparison', () => {
    const { comparison, records } = comparing({ ring: [1] });
    expect(() => scorecard({ ...comparison, scenario: 'other' }, records)).toThrow('found scenario "web-day"');
    expect(() => scorecard(comparison, [])).toThrow('at least one');
  });
});
