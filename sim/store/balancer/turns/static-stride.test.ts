import { describe, expect, it } from 'vitest';
import published from '../testdata/client-balancers.json' with { type: 'json' };
import { balancerOf, picksOf, steadyStream, tableOf } from '../testdata/test-backends.ts';
import { FULL_STRIDE, strideWeights } from './stride-weights.ts';

const startingAt = (sequence: number) => ({ random: steadyStream(sequence) });

describe('static stride, as grpc-java tests its own', () => {
  it.each(published.staticStride.counts)('$picks picks by weights $weights', ({ weights, picks, counts }) => {
    const table = tableOf(weights);
    const picked = picksOf(balancerOf('static-stride', {}, table, startingAt(0)), table, picks);
    expect(weights.map((_, place) => picked.filter((each) => each === place).length)).toEqual(counts);
  });

  it.each(published.staticStride.deterministic)('by weights $weights from sequence $start', (test) => {
    const table = tableOf(test.weights);
    const balancer = balancerOf('static-stride', {}, table, startingAt(test.start));
    expect(picksOf(balancer, table, test.picks.length)).toEqual(test.picks);
  });

  it('clips weights that are far from the mean', () => {
    // The mean is 5; 81 counts as 50, and scaled by 65535 / 50 the least is a tenth of the mean.
    const [heavy, light] = strideWeights([81, ...new Array<number>(19).fill(1)]);
    expect([heavy, light]).toEqual([FULL_STRIDE, Math.round(FULL_STRIDE / 50)]);
    expect(strideWeights([100, 1e-10])[1]).toBe(Math.ceil((FULL_STRIDE / 100) * 50.00000000005 * 0.1));
  });
});

describe('static stride over replica sets', () => {
  it('gives sets that are asked in turn each their own round', () => {
    const table = tableOf([1, 1, 1, 1]);
    const balancer = balancerOf('static-stride', {}, table);
    const sets = [table.slice(0, 2), table.slice(2)];
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 400; i++)
      for (const place of picksOf(balancer, sets[i % 2] ?? table, 1)) counts[place] = (counts[place] ?? 0) + 1;
    expect(counts).toEqual([100, 100, 100, 100]);
  });
});
