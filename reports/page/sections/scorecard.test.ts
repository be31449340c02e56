import { describe, expect, it } from 'vitest';
import { scorecard } from '../../compare/scorecard.ts';
import { syntheticComparison } from '../../testdata/synthetic.ts';
import { html } from '../html.ts';
import { opening } from './opening.ts';
import { scorecardSection } from './scorecard.ts';

/** One objective, and get p99 of a lone variant by seed. */
function page(values: (number | null)[]): { scored: string; head: string } {
  const synthetic = syntheticComparison({
    variants: ['p2c'],
    seeds: values.length,
    dataNodes: 3,
    buckets: 4,
    calm: true,
  });
  const records = synthetic.records.map((record) => ({
    ...record,
    scenario: { ...record.scenario, slo: [{ figure: 'get.p99', max: 15 }] },
    figures: {
      'get.p99': {
        label: 'Get, p99',
        unit: 'ms' as const,
        better: 'lower' as const,
        value: values[record.seed - 1] ?? null,
      },
    },
  }));
  const [first] = records;
  if (first === undefined) throw new Error('a record expected');
  const card = scorecard(synthetic.comparison, records);
  return { scored: scorecardSection(card, html``).text, head: opening(card, first).text };
}

describe('an objective on the page', () => {
  it('is met where every seed has a sample', () => {
    const { scored, head } = page([12, 13, 14]);
    expect(scored).toContain('<td class="good">met on 3 of 3');
    expect(head).toContain('every objective was met');
  });

  it('is not shown as met where a seed has none', () => {
    const { scored, head } = page([12, null, null]);
    expect(scored).toContain('<td class="">met on 1 of 1<br>no sample on 2 of 3 seeds');
    expect(head).toContain('no sample on some seeds for the objective of get p99');
    expect(head).not.toContain('objective was met');
  });
});
