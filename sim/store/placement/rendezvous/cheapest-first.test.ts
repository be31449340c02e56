import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CheapestFirst } from './cheapest-first.ts';

it('gives nodes by cost, then by the second number, then by place', () => {
  const pair = fc.tuple(fc.nat(3), fc.nat(2));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 30 }), (pairs) => {
      const order = new CheapestFirst(pairs.length);
      pairs.forEach(([cost, tie], place) => {
        order.costs[place] = cost;
        order.ties[place] = tie;
      });
      order.start();
      const expected = pairs.map(([cost, tie], place) => ({ cost, tie, place }));
      expected.sort((a, b) => a.cost - b.cost || a.tie - b.tie || a.place - b.place);
      expect(pairs.map(() => order.next())).toEqual(expected.map(({ place }) => place));
      expect(order.next()).toBe(-1);
    }),
    { seed: 1, numRuns: 100 },
  );
});
