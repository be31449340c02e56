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

  it('says that a lone variant is within its objective only where every seed has a sample', () => {
    const lone = (values: (number | null)[]): string => {
      const { comparison, records } = comparing({ p2c: values }, { max: 15 });
      return verdict(scorecard(comparison, records)).join();
    };
    expect(lone([12, 14])).toMatch(/, within its objective$/);
    expect(lone([12, 14, null])).toBe('Get, p99 is 13 ms, from 12 ms to 14 ms over 2 of 3 seeds');
    expect(lone([12, null, null])).toBe('Get, p99 is 12 ms on one of 3 seeds');
  });

  it('holds its tongue where nothing was sampled', () => {
    const text = sentences({ ring: [null, null], p2c: [null, null] }).join();
    expect(text).not.toMatch(/NaN|beats|null/);
  });
});

describe('verdict on equal integers', () => {
  it('names no winner from a few', () => {
    const [first, last] = sentences({ ring: [3, 3], p2c: [0, 0] });
    expect(first).toContain('is a tie: from 0 ms (p2c) to 3 ms (ring), but no difference');
    expect(last).toContain('no variant is ahead');
  });
});

describe('verdict where samples are missing', () => {
  it('ranks on the seeds that both have, and says who has no sample', () => {
    expect(sentences({ ring: [10, 10.5, 11, 100, 101], p2c: [12, 12.4, 13, null, null] })).toEqual([
      expect.stringMatching(
        /^ring, the baseline, is best on get p99: ahead of p2c by .*, 3 of 3 seeds \(10\.5 ms against 12\.5 ms\); p2c has no sample on 2 of 5 seeds$/,
      ),
      expect.stringContaining('ring in 1'),
    ]);
  });

  it('lets a variant with fewer samples neither lead nor be best', () => {
    const values = { ring: [20, 21, 22, 23, 24], p2c: [5, 5.4, 6, null, null] };
    const { comparison, records } = comparing(values);
    const card = scorecard(comparison, records);
    expect(card.rows[0]).toMatchObject({ best: null, leaders: ['ring'], partial: ['p2c'] });
    expect(verdict(card)).toEqual([
      'No winner is named on get p99: over the 3 seeds with a sample of both, ring 21 ms, p2c 5.47 ms; p2c has no sample on 2 of 5 seeds',
      'Over all 1 figures no variant is ahead of every other beyond chance',
    ]);
  });

  it('names a winner where the baseline has no sample, and does not count that one as beaten', () => {
    const all = sentences({ ring: [null, null, null], p2c: [10, 11, 12], least: [20, 22, 24.5] });
    expect(all[0]).toMatch(
      /^p2c is ahead of least on get p99 by .*, 3 of 3 seeds \(11 ms against 22\.2 ms\); ring has no sample on 3 of 3 seeds$/,
    );
    expect(all.join()).not.toMatch(/is a tie|every other/);
  });

  it('sets the leader against the partly sampled variant that it does not beat', () => {
    const [first] = sentences({ ring: [10, 10.5, 11], p2c: [20, 21.5, 22], least: [5, 5.5, null] });
    expect(first).toMatch(/^No winner .* over the 2 seeds .* ring 10\.3 ms, least 5\.25 ms; least has no sample/);
  });

  it('has no leader where each lacks a seed', () => {
    expect(sentences({ ring: [1, 1.1, 1.2, null], p2c: [null, 5, 5.1, 5.2] })[0]).toBe(
      'No winner is named on get p99; ring has no sample on 1 of 4 seeds and p2c has no sample on 1 of 4 seeds',
    );
  });

  it('is at no loss where a seed has no sample under any variant', () => {
    expect(sentences({ ring: [20, 22, 18, 21, null], p2c: [12, 13, 11, 12.3, null] })[0]).toMatch(
      /^p2c beats ring on get p99 by .*, 4 of 4 seeds \(12\.1 ms against 20\.3 ms\)$/,
    );
  });
});

describe('failures', () => {
  it('lists missed objectives with the worst value, and who met them', () => {
    const { comparison, records } = comparing({ ring: [20, 9], p2c: [5, 6] }, { max: 10 });
    expect(failures(scorecard(comparison, records))).toEqual([
      'The objective get p99 at most 10 ms is missed by ring (20 ms at worst, on 1 of 2 seeds); met by p2c',
    ]);
  });

  it('says who met an objective only where every seed has a sample', () => {
    const { comparison, records } = comparing(
      { ring: [20, 9, null], p2c: [5, null, null], least: [5, 6, 7] },
      { max: 10 },
    );
    expect(failures(scorecard(comparison, records))).toEqual([
      'The objective get p99 at most 10 ms is missed by ring (20 ms at worst, on 1 of 2 seeds, no sample on 1 of 3 seeds); met by least; not judged throughout for p2c (no sample on 2 of 3 seeds)',
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
