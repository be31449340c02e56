import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byName } from './order.ts';
import { SortedKeys } from './sorted-keys.ts';

describe('sorted keys', () => {
  it('hold what a sorted set holds, whatever is added and deleted', () => {
    const change = fc.tuple(fc.boolean(), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), fc.string({ maxLength: 3 }), (changes, start) => {
        const keys = new SortedKeys();
        const model = new Set<string>();
        for (const [add, key] of changes) {
          if (add) keys.add(key);
          else keys.delete(key);
          if (add) model.add(key);
          else model.delete(key);
        }
        const sorted = [...model].sort(byName);
        expect([...keys.from()]).toEqual(sorted);
        expect([...keys.from(start)]).toEqual(sorted.filter((key) => key >= start));
        expect(keys.size).toBe(model.size);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('stay sorted when they are many enough to be split and emptied again', () => {
    const keys = new SortedKeys();
    const name = (i: number) => `k${String((i * 7_919) % 5_000).padStart(4, '0')}`;
    for (let i = 0; i < 5_000; i++) keys.add(name(i));
    const all = [...keys.from()];
    expect(all).toHaveLength(5_000);
    expect(all).toEqual([...all].sort(byName));
    for (let i = 0; i < 4_000; i++) keys.delete(name(i));
    expect([...keys.from('k2500')]).toEqual(all.filter((key) => key >= 'k2500' && !deleted(key)));

    function deleted(key: string): boolean {
      for (let i = 0; i < 4_000; i++) if (name(i) === key) return true;
      return false;
    }
  });
});
