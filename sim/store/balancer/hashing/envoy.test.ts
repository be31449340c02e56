import { describe, expect, it } from 'vitest';
import { Word64 } from '../../hash/word64.ts';
import { EnvoyBoundedLoad } from './envoy-bounded-load.ts';
import { envoyPointCounts, envoyRing } from './envoy-ring-hash.ts';
import bounded from './testdata/envoy-bounded-load.json' with { type: 'json' };
import published from './testdata/envoy-ring-hash.json' with { type: 'json' };
import { tableOf } from './testdata/table.ts';

const wide = (decimal: string) => {
  const value = BigInt(decimal);
  return new Word64().set(Number(value >> 32n), Number(value & 0xffffffffn));
};

describe.each(published.cases)('Envoy’s ring hash: $test', (published) => {
  const { hosts, ring: expected, lookups, min_ring_size: minRingSize } = published;
  const hash = published.hash === 'xxh64' ? 'xxh64' : 'murmur64a-envoy';
  const ring = envoyRing(tableOf(hosts), { minRingSize, maxRingSize: 8_388_608, hash });
  const portAt = (position: number) => hosts[ring.owners[position] ?? 0]?.split(':')[1];

  it('has the published points', () => {
    expect(Array.from(ring.owners, (_, position) => [String(ring.pointAt(position)), portAt(position)])).toEqual(
      expected,
    );
  });

  it('finds the published hosts', () => {
    expect(lookups.map(([key]) => [key, portAt(ring.successor(wide(String(key))))])).toEqual(lookups);
  });

  it('finds the next ones around the ring on further attempts', () => {
    for (const { hash: key, attempt, host } of 'retry' in published ? (published.retry ?? []) : []) {
      expect(portAt((ring.successor(wide(key)) + attempt) % ring.owners.length)).toBe(host);
    }
  });
});

describe('Envoy’s count of points', () => {
  it('gives the lightest host a whole number, and all as many as their share calls for', () => {
    expect(envoyPointCounts(tableOf(['a', 'b', 'c'], [1, 2, 3]), 6, 1000)).toEqual([1, 2, 3]);
    expect(envoyPointCounts(tableOf(['a', 'b', 'c'], [1, 2, 3]), 7, 1000)).toEqual([2, 4, 6]);
    // Its tests' "HostWeightedLargeRing": 1,024 points for 90 and 10 of 100.
    expect(envoyPointCounts(tableOf(['a', 'b', 'c'], [1, 1, 1]), 1024, 8)).toEqual([3, 3, 2]);
  });
});

describe('Envoy’s bounded load', () => {
  /** Where a request with this hash goes, if the hash chose the first overloaded one and these are overloaded. */
  function chosen(count: number, hash: number, overloaded: readonly number[]): number {
    const table = tableOf(Array.from({ length: count }, (_, i) => `host-${i}`));
    for (const place of overloaded) {
      const backend = table[place];
      if (backend !== undefined) backend.inFlight = 10;
    }
    const first = table[overloaded[0] ?? 0];
    if (first === undefined) return -1;
    return new EnvoyBoundedLoad(100).choose(first, new Word64().set(0, hash), table).index;
  }

  it.each(bounded.picks)('hash $hash with $overloaded overloaded goes to $pick', ({ n, hash, overloaded, pick }) => {
    expect(chosen(n, hash, overloaded)).toBe(pick);
  });

  it.each(bounded.orders)('tries the hosts for seed $seed in the order $order', ({ n, seed, order }) => {
    const found: number[] = [];
    const [first] = order;
    for (let tried = 1; tried < n; tried++) found.push(chosen(n, seed, order.slice(0, tried)));
    expect([first, ...found]).toEqual(order);
  });

  it('picks the least overloaded where all are', () => {
    const table = tableOf(['a', 'b', 'c'], [1, 1, 100]);
    table.forEach((backend, i) => {
      backend.inFlight = [40, 30, 4][i] ?? 0;
    });
    const [a, b] = table;
    if (a === undefined || b === undefined) throw new Error('no table');
    expect(new EnvoyBoundedLoad(1).choose(a, new Word64().set(0, 7), [a, b]).id).toBe('b');
    expect(new EnvoyBoundedLoad(0).choose(a, new Word64().set(0, 7), [a, b]).id).toBe('a');
  });
});
