import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlgorithmError } from '../../algorithm.ts';
import type { PlacementNode } from '../placement.ts';
import { createPlacement } from '../registry.ts';
import type { CrushBucket } from './crush-map.ts';
import { straw2 } from './straw2.ts';

function bucket(weights: readonly number[]): CrushBucket {
  return {
    id: -1,
    type: 1,
    items: Int32Array.from(weights.keys()),
    weights: Float64Array.from(weights),
    children: weights.map(() => undefined),
  };
}

function cluster(...weights: readonly number[]): PlacementNode[] {
  return weights.map((weight, i) => ({ id: `data-${i}`, weight, zone: `zone-${i}`, rack: 'r', host: 'h' }));
}

describe('straw2', () => {
  it('moves inputs only to an item that gets heavier', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 0x400000 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.nat(), fc.integer({ min: 1, max: 0x400000 }), (light, which, more) => {
        fc.pre(light.some((weight) => weight > 0));
        const place = which % light.length;
        const heavy = light.map((weight, at) => (at === place ? weight + more : weight));
        for (let x = 0; x < 100; x++) {
          const [before, after] = [straw2(bucket(light), x, 0), straw2(bucket(heavy), x, 0)];
          if (before !== after) expect(after).toBe(place);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('never draws an item of weight 0, and draws the others by weight, by the chi-square test', () => {
    const weights = [0x10000, 0, 0x20000, 0x30000, 0x8000];
    const counts = weights.map(() => 0);
    const draws = 20_000;
    for (let x = 0; x < draws; x++) {
      const place = straw2(bucket(weights), x, 0);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    expect(counts[1]).toBe(0);
    const total = weights.reduce((sum, weight) => sum + weight);
    const chiSquare = weights.reduce((sum, weight, place) => {
      const expected = (draws * weight) / total;
      const off = (counts[place] ?? 0) - expected;
      return weight === 0 ? sum : sum + (off * off) / expected;
    }, 0);
    // 99.9th percentile of χ² with 3 degrees of freedom.
    expect(chiSquare).toBeLessThan(16.3);
  });
});

describe('crush', () => {
  it('refuses weights that 16.16 fixed point can’t hold, and says by what to divide them', () => {
    const create =
      (options: unknown, ...weights: readonly number[]) =>
      () =>
        createPlacement('crush', options, cluster(...weights));
    expect(create({}, 1, 4e12)).toThrow(
      'placement "crush": node data-1: weight: found 4000000000000, accepted: 1/65,536 to 64 times options.unitWeight, 1',
    );
    expect(create({}, 1e-9)).toThrow(AlgorithmError);
    expect(create({ unitWeight: 1e12 }, 1e12, 4e12)).not.toThrow();
    expect(create({ unitWeight: 0 }, 1)).toThrow('options.unitWeight: found 0, accepted: more than 0');
  });

  it('finds nodes whose weight is next to nothing, where CRUSH itself gives up', () => {
    const placement = createPlacement('crush', {}, cluster(60, 1 / 65_536, 1 / 65_536));
    for (let partition = 0; partition < 50; partition++) {
      expect([...placement.replicas(partition, 3).nodes].sort()).toEqual(['data-0', 'data-1', 'data-2']);
    }
  });
});
