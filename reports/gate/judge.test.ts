import { describe, expect, it } from 'vitest';
import { type Budget, judge } from './judge.ts';
import type { MeasuredVariant, Measurement } from './measurement.ts';

const budgets: Record<string, Budget> = { p99: { worsePercent: 5, worseAbsolute: 0 } };

function measurement(
  values: (number | null)[],
  change: Partial<Measurement> & {
    digest?: string;
    better?: 'lower' | 'higher';
    unit?: 'ms' | 'bytes';
    checks?: MeasuredVariant['checks'];
  } = {},
): Measurement {
  const { digest = 'd1', better = 'lower', unit = 'ms', checks = {}, ...rest } = change;
  return {
    scenario: 's',
    seeds: values.map((_, i) => i + 1),
    variants: {
      v: {
        digest,
        fingerprints: values.map(() => 'f'),
        figures: { p99: { label: 'p99', unit, better, values } },
        checks,
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
    ['another unit', measurement([10]), measurement([10], { unit: 'bytes' }), budgets],
    ['another direction', measurement([10]), measurement([10], { better: 'higher' }), budgets],
    ['fewer values than seeds', measurement([10], { seeds: [1, 2] }), measurement([10, 10]), budgets],
    ['fewer values than seeds in the run', measurement([10, 10]), measurement([10], { seeds: [1, 2] }), budgets],
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

  it.each([
    ['turns not-judged', { I1: ['held', 'held'] }, { I1: ['held', 'not-judged'] }],
    ['is absent on a seed', { I1: ['held', 'held'] }, { I1: ['held', null] }],
    ['disappears', { I1: ['held', 'held'] }, {}],
    ['is not in the baseline', {}, { I1: ['held', 'held'] }],
  ] satisfies [string, MeasuredVariant['checks'], MeasuredVariant['checks']][])(
    'cannot judge a check that %s',
    (_name, before, after) => {
      const rows = judge(measurement([10, 10], { checks: before }), measurement([10, 10], { checks: after }), budgets);
      expect(rows.map(({ figure, judgement }) => [figure, judgement])).toEqual([
        ['p99', 'pass'],
        ['I1', 'cannot-judge'],
      ]);
    },
  );

  it('has nothing to say of checks that are judged as before, or now for the first time', () => {
    const before = measurement([10, 10], { checks: { I1: ['held', 'held'], L1: ['not-judged', null] } });
    const after = measurement([10, 10], { checks: { I1: ['held', 'held'], L1: ['held', 'not-judged'] } });
    expect(judgements(before, after)).toEqual(['pass']);
  });

  it('cannot judge a variant that the baseline does not know', () => {
    const known = measurement([10]);
    const v = known.variants['v'];
    const head = measurement([10], v === undefined ? {} : { variants: { v, w: v } });
    expect(judgements(known, head)).toEqual(['pass', 'cannot-judge']);
  });
});
