import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balancerOf, picksOf, REQUEST, steadyStream, tableOf } from '../testdata/test-backends.ts';

describe('weighted least request', () => {
  it('is earliest deadline first for a bias of 0', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.nat(7), (each, draw) => {
        const table = tableOf(each.map((weight, place) => (place === 0 ? weight + 9 : weight)));
        const random = { random: steadyStream(draw) };
        const byDeadline = picksOf(balancerOf('earliest-deadline-first', {}, table, random), table, 60);
        const balancer = balancerOf('weighted-least-request', { activeRequestBias: 0 }, table, random);
        for (const backend of table) backend.inFlight = 5;
        expect(picksOf(balancer, table, 60)).toEqual(byDeadline);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it.each([
    { bias: 1, expected: [500, 500] },
    { bias: 2, expected: [250, 750] },
  ])('counts weight / (requests + 1)^$bias', ({ bias, expected }) => {
    // Weights 3 and 1, two requests in flight at the first: 3 / 3^bias against 1.
    const table = tableOf([3, 1]);
    const [heavy] = table;
    if (heavy !== undefined) heavy.inFlight = 2;
    const picks = picksOf(balancerOf('weighted-least-request', { activeRequestBias: bias }, table), table, 1000);
    const first = picks.filter((place) => place === 0).length;
    expect(Math.abs(first - (expected[0] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('takes the fewest requests of those drawn while weights are equal, and may draw one twice', () => {
    const table = tableOf([2, 2]);
    table.forEach((backend, place) => {
      backend.inFlight = place;
    });
    const balancer = balancerOf('weighted-least-request', {}, table);
    let busier = 0;
    for (let i = 0; i < 8000; i++) busier += balancer.pick(table, REQUEST).index;
    // Only if both draws hit the busier one: a quarter.
    expect(Math.abs(busier / 8000 - 0.25)).toBeLessThan(0.02);
  });
});
