import { describe, expect, it } from 'vitest';
import { balancerOf, picksOf, steadyStream, tableOf } from '../testdata/test-backends.ts';

const fromTheStart = { random: steadyStream(0) };

describe('earliest deadline first', () => {
  it('is a plain circle for equal weights', () => {
    const table = tableOf([1, 1, 1, 1]);
    expect(picksOf(balancerOf('earliest-deadline-first', {}, table, fromTheStart), table, 8)).toEqual([
      0, 1, 2, 3, 0, 1, 2, 3,
    ]);
  });

  it('gives the turns that Envoy gives for weights 4, 2, 1', () => {
    // By hand: due at 1/4, 1/2, 1; those due together go in the order in which their turns were set.
    const table = tableOf([4, 2, 1]);
    const balancer = balancerOf('earliest-deadline-first', {}, table, fromTheStart);
    expect(picksOf(balancer, table, 14)).toEqual([0, 1, 0, 0, 2, 1, 0, 0, 1, 0, 0, 2, 1, 0]);
  });

  it('has each picked in proportion to weight, as in Envoy’s own test of weights 1 to 64', () => {
    const weights = Array.from({ length: 64 }, (_, i) => i + 1);
    const table = tableOf(weights);
    const counts = weights.map(() => 0);
    for (const place of picksOf(balancerOf('earliest-deadline-first', {}, table), table, 65 * 32 * 10))
      counts[place] = (counts[place] ?? 0) + 1;
    counts.forEach((count, place) => {
      expect(Math.abs(count - 10 * (place + 1))).toBeLessThanOrEqual(1);
    });
  });

  it('starts each gateway somewhere else', () => {
    const table = tableOf([1, 1, 1]);
    const firsts = [0, 1, 2].map((draw) =>
      picksOf(balancerOf('earliest-deadline-first', {}, table, { random: steadyStream(draw) }), table, 1),
    );
    expect(firsts).toEqual([[0], [1], [2]]);
  });

  it('lets nobody make good for turns missed while not eligible', () => {
    const table = tableOf([1, 1]);
    const balancer = balancerOf('earliest-deadline-first', {}, table, fromTheStart);
    expect(picksOf(balancer, table.slice(0, 1), 50)).toEqual(new Array(50).fill(0));
    const picks = picksOf(balancer, table, 6);
    expect(picks.filter((place) => place === 1)).toHaveLength(3);
  });
});
