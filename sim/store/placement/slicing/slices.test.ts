import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineLength, reslice, type Slice, type SliceOwner } from './slices.ts';

const membership = fc.uniqueArray(
  fc.record({ id: fc.nat(11).map((n) => `data-${n}`), weight: fc.double({ min: 0.1, max: 20, noNaN: true }) }),
  { minLength: 1, maxLength: 8, selector: ({ id }) => id },
);
const histories = fc.array(membership, { minLength: 1, maxLength: 12 });
const runs = { seed: 1, numRuns: 100 };

function lengths(slices: readonly Slice[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { id, start, end } of slices) sums.set(id, (sums.get(id) ?? 0) + end - start);
  return sums;
}

/** Points whose owner differs. */
function moved(before: readonly Slice[], after: readonly Slice[]): number {
  let sum = 0;
  for (const a of before) {
    for (const b of after) {
      if (a.id !== b.id) sum += Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
    }
  }
  return sum;
}

function evolved(history: readonly (readonly SliceOwner[])[]): (readonly Slice[])[] {
  let slices: readonly Slice[] = [];
  return history.map((owners) => {
    slices = reslice(slices, owners);
    return slices;
  });
}

describe('slices', () => {
  it('cover the line without gap or overlap, and shares are exact, after any history', () => {
    fc.assert(
      fc.property(histories, (history) => {
        evolved(history).forEach((slices, step) => {
          const owners = history[step] ?? [];
          let at = 0;
          for (const { start, end } of slices) {
            expect(start).toBe(at);
            expect(end).toBeGreaterThan(start);
            at = end;
          }
          expect(at).toBe(lineLength);
          const total = owners.reduce((sum, { weight }) => sum + weight, 0);
          const sums = lengths(slices);
          for (const { id, weight } of owners) {
            expect(Math.abs((sums.get(id) ?? 0) - (lineLength * weight) / total)).toBeLessThan(1.01);
          }
        });
      }),
      runs,
    );
  });

  it('change hands no more than shares demand', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const steps = evolved(history);
        steps.slice(1).forEach((after, step) => {
          const before = steps[step] ?? [];
          const [old, now] = [lengths(before), lengths(after)];
          const least = [...now].reduce((sum, [id, length]) => sum + Math.max(0, length - (old.get(id) ?? 0)), 0);
          expect(moved(before, after)).toBe(least);
        });
      }),
      runs,
    );
  });

  it('gives the shares of the example in the random-slicing package’s manual', () => {
    // A 40 and B 120 at first; then A is 32 and C 80 new: A keeps 4/29, B is cut to 15/29, C gets 10/29.
    const before = reslice(
      [],
      [
        { id: 'A', weight: 40 },
        { id: 'B', weight: 120 },
      ],
    );
    expect(before).toEqual([
      { start: 0, end: lineLength / 4, id: 'A' },
      { start: lineLength / 4, end: lineLength, id: 'B' },
    ]);
    const after = reslice(before, [
      { id: 'A', weight: 32 },
      { id: 'B', weight: 120 },
      { id: 'C', weight: 80 },
    ]);
    const parts = [...lengths(after)].map(([id, length]) => [id, Math.round((29 * length) / lineLength)]);
    expect(parts).toEqual([
      ['A', 4],
      ['C', 10],
      ['B', 15],
    ]);
    // One gap across the border of A and B, where cutting B at its far end would make two.
    expect(after.map(({ id }) => id)).toEqual(['A', 'C', 'B']);
  });

  it('stay few: a join makes fewer slices than there are nodes, for gaps beside each other are joined', () => {
    let slices: readonly Slice[] = [];
    for (let nodes = 1; nodes <= 100; nodes++) {
      slices = reslice(
        slices,
        Array.from({ length: nodes }, (_, n) => ({ id: `data-${n}`, weight: 1 })),
      );
    }
    expect(slices.length).toBeLessThan((100 * 99) / 2);
    expect(slices.length).toBeGreaterThan(100);
  });
});
