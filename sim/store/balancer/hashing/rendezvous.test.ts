import { describe, expect, it } from 'vitest';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import published from './testdata/rendezvous.json' with { type: 'json' };
import { requestFor, tableOf } from './testdata/table.ts';

const names: Record<string, string> = {
  fnv1a_64: 'fnv1a-64',
  xxh64: 'xxh64',
  'siphash24_k(0,0)': 'siphash24',
};

function build(table: ReturnType<typeof tableOf>, hash?: string | undefined) {
  const balancer = createBalancer('rendezvous', { hash }, { random: seededStream(1), nowMs: () => 0 });
  balancer.update(table);
  return balancer;
}

describe('rendezvous', () => {
  it.each(published.cases)('go-rendezvous: $hash, $nodes nodes', ({ hash, nodes, owner }) => {
    const table = tableOf(Array.from({ length: nodes }, (_, i) => `node-${i}`));
    const balancer = build(table, names[hash]);
    expect(owner.map((_, i) => balancer.pick(table, requestFor(`key-${i}`)).index)).toEqual(owner);
  });

  it('moves a key only to or from the backend whose weight changed', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const [even, heavy] = [tableOf(ids, [2, 2, 2, 2.000001]), tableOf(ids, [2, 2, 2, 4])];
    const [before, after] = [build(even), build(heavy)];
    let moved = 0;
    for (let i = 0; i < 3000; i++) {
      const request = requestFor(`object/${i}`);
      const [from, to] = [before.pick(even, request).id, after.pick(heavy, request).id];
      if (from !== to) {
        expect(to).toBe('d');
        moved++;
      }
    }
    // From a quarter to two fifths of the keys: 15 %, within four standard deviations.
    expect(Math.abs(moved / 3000 - 0.15)).toBeLessThan(0.03);
  });
});
