import { describe, expect, it } from 'vitest';
import { type Budget, judge } from './judge.ts';
import type { Measurement } from './measurement.ts';

const budgets: Record<string, Budget> = { p99: { worsePercent: 5, worseAbsolute: 0 } };

function measurement(
  values: (number | null)[],
  change: Partial<Measurement> & { digest?: string; better?: 'lower' | 'higher' } = {},
): Measurement {
  const { digest = 'd1', better = 'lower', ...rest } = change;
  return {
    scenario: 's',
    seeds: values.map((_, i) => i + 1),
    variants: {
      v: {
        digest,
        fingerprints: values.map(() => 'f'),
        figures: { p99: { label: 'p99', unit: 'ms', better, values } },
      },
    },
    ...rest,
  };
}

const judgements = (base: Measurement | undefined, head: Measurement, policy = budgets) =>
  judge(base, head, policy).map(({ judgement }) => judgement);

describe('the gate', () => {
  it('passes what is equal, and what is worse by no more than the budget', () => {
    expect(judgements(measurement([10, 12]), measurement([10, 12]))).toEqual(['pass']);
    expect(judgements(measurement([10, 10]), measurement([10.5, 10.5]))).toEqual(['pass']);
  });

  it('calls it regressed beyond the budget, and says by how much', () => {
    const [row] = judge(measurement([10, 10]), measurement([12, 12]), budgets);
    expect(row).toMatchObject({ judgement: 'regressed', base: 10, head: 12, worsePercent: 20 });
  });

  it('knows which way is worse', () => {
    expect(judgements(measurement([10], { better: 'higher' }), measurement([9], { better: 'higher' }))).toEqual([
      'regressed',
    ]);
    expect(judgements(measurement([10], { better: 'higher' }), measurement([11], { better: 'higher' }))).toEqual([
      'improved',
    ]);
  });

  it('lets the absolute budget stand in where the baseline is zero', () => {
    const policy = { p99: { worsePercent: 5, worseAbsolute: 2 } };
    expect(judgements(measurement([0]), measurement([2]), policy)).toEqual(['pass']);
    expect(judgements(measurement([0]), measurement([2.1]), policy)).toEqual(['regressed']);
  });

  it.each([
    ['no baseline', undefined, measurement([10]), budgets],
    ['other seeds', measurement([10, 10]), measurement([10]), budgets],
    ['another scenario digest', measurement([10]), measurement([10], { digest: 'd2' }), budgets],
    ['a seed without a sample', measurement([10, 10]), measurement([10, null]), budgets],
    ['a NaN', measurement([10]), measurement([Number.NaN]), budgets],
    ['no budgets at all', measurement([10]), measurement([10]), {}],
    ['a variant that was not run', measurement([10]), measurement([10], { variants: {} }), budgets],
  ])('cannot judge with %s', (_name, base, head, policy) => {
    const rows = judgements(base, head, policy);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((judgement) => judgement === 'cannot-judge')).toBe(true);
  });

  it('cannot judge a figure with a budget that neither side measured', () => {
    expect(
      judgements(measurement([10]), measurement([10]), { ...budgets, moved: { worsePercent: 1, worseAbsolute: 0 } }),
    ).toEqual(['pass', 'cannot-judge']);
  });

  it('cannot judge a variant that the baseline does not know', () => {
    const known = measurement([10]);
    const v = known.variants['v'];
    const head = measurement([10], v === undefined ? {} : { variants: { v, w: v } });
    expect(judgements(known, head)).toEqual(['pass', 'cannot-judge']);
  });
});
