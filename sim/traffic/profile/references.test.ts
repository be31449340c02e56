import { describe, expect, it } from 'vitest';
import { Quantiles } from './quantiles.ts';
import { ReferenceProcess } from './references.ts';

/** Keys of these counts, all with the same distribution of gaps. */
function keysOf(counts: readonly number[], gaps: readonly number[]) {
  const quantiles = new Quantiles(gaps);
  return { counts: Uint32Array.from(counts), total: counts.reduce((a, b) => a + b, 0), gaps: () => quantiles };
}

function take(process: ReferenceProcess, count: number): number[] {
  return Array.from({ length: count }, () => process.next());
}

const many = keysOf(
  Array.from({ length: 1000 }, (_, i) => 1 + Math.floor(3000 / (i + 1))),
  [20],
);

describe('the reference process', () => {
  it('asks for each key exactly as often as it was recorded, in every pass', () => {
    const process = new ReferenceProcess(many, 1);
    for (let pass = 0; pass < 2; pass++) {
      const seen = new Uint32Array(1000);
      for (const rank of take(process, many.total)) seen[rank] = (seen[rank] ?? 0) + 1;
      expect(seen).toEqual(many.counts);
    }
  });

  it('comes to the same whatever the number of buckets', () => {
    const drawn = (buckets: number) => take(new ReferenceProcess(many, 3, buckets), many.total);
    expect(drawn(5)).toEqual(drawn(many.total));
    expect(drawn(1)).toEqual(drawn(many.total * 3));
  });

  it('leaves the recorded gaps between the requests of a key', () => {
    // Half a million places, nearly evenly filled by keys of ten requests each.
    const keys = keysOf(new Array<number>(20_000).fill(10), [300]);
    const last = new Map<number, number>();
    const gaps: number[] = [];
    take(new ReferenceProcess(keys, 1), keys.total).forEach((rank, i) => {
      const before = last.get(rank);
      if (before !== undefined) gaps.push(i - before);
      last.set(rank, i);
    });
    gaps.sort((a, b) => a - b);
    expect(Math.abs((gaps[gaps.length >> 1] ?? 0) / 300 - 1)).toBeLessThan(0.03);
    expect((gaps.at(-1) ?? 0) / 300).toBeLessThan(1.4);
  });

  it('knows the first request of each key, in the first pass only', () => {
    const process = new ReferenceProcess(many, 1);
    const seen = new Set<number>();
    for (let i = 0; i < many.total; i++) {
      const rank = process.next();
      expect(process.isFirst).toBe(!seen.has(rank));
      seen.add(rank);
    }
    process.next();
    expect(process.isFirst).toBe(false);
  });

  it('shrinks gaps that would not end in time', () => {
    const keys = keysOf([50, 50], [1000]);
    expect(take(new ReferenceProcess(keys, 1), 100).filter((rank) => rank === 0)).toHaveLength(50);
  });
});
