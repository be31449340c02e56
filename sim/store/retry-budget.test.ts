import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

describe('the retry budget', () => {
  it('never allows more retries than the burst and the ratio of the requests so far', () => {
    const steps = fc.array(fc.boolean(), { maxLength: 300 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), (calls, ratio, burst) => {
        const budget = new RetryBudget(ratio, burst);
        let requests = 0;
        let retries = 0;
        for (const isRetry of calls) {
          if (!isRetry) {
            budget.earn();
            requests += 1;
          } else if (budget.spend()) retries += 1;
          expect(retries).toBeLessThanOrEqual(burst + ratio * requests + 1e-9);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('pays out what was earned: a quarter of the requests may be retried for ever', () => {
    const budget = new RetryBudget(0.25, 0);
    let retries = 0;
    for (let i = 0; i < 400; i++) {
      budget.earn();
      if (budget.spend()) retries += 1;
    }
    expect(retries).toBe(100);
  });

  it('saves up no more than the burst in quiet times', () => {
    const budget = new RetryBudget(0.5, 3);
    for (let i = 0; i < 1_000; i++) budget.earn();
    expect(Array.from({ length: 5 }, () => budget.spend())).toEqual([true, true, true, false, false]);
  });
});
