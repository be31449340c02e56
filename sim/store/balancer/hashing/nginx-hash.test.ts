import { describe, expect, it } from 'vitest';
import { crc32 } from '../hash/crc32.ts';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import recorded from './testdata/nginx-hash.json' with { type: 'json' };
import { requestFor, tableOf } from './testdata/table.ts';

const context = { random: seededStream(1), nowMs: () => 0 };

describe.each(recorded.cases)('nginx: $name', ({ name, servers, sequence }) => {
  const table = tableOf(
    servers.map(({ address }) => address),
    servers.map(({ weight }) => weight),
  );

  it('sends each key where nginx sent it', () => {
    const balancer = createBalancer(
      name === 'hash_modulo_weighted' ? 'nginx-hash' : 'nginx-hash-consistent',
      {},
      context,
    );
    balancer.update(table);
    expect(sequence.map((_, i) => balancer.pick(table, requestFor(`key-${i}`)).index)).toEqual(sequence);
  });
});

describe('nginx hash', () => {
  const table = tableOf(['a', 'b', 'c', 'd', 'e'], [1, 2, 1, 3, 1]);
  const eligible = table.filter(({ index }) => index === 1 || index === 3);

  /** Where the module's loop leads, written down once more from its description. */
  function expected(key: string): number {
    const slots = table.flatMap(({ index, weight }) => Array.from({ length: weight }, () => index));
    let hash = 0;
    for (let rehash = 0; ; rehash++) {
      hash += (crc32(`${rehash === 0 ? '' : rehash}${key}`) >>> 16) & 0x7fff;
      const place = slots[hash % slots.length] ?? 0;
      if (eligible.some(({ index }) => index === place)) return place;
    }
  }

  it('hashes again, behind the number of the try, while the backend is not eligible', () => {
    const balancer = createBalancer('nginx-hash', { maxTries: 1000 }, context);
    balancer.update(table);
    for (let i = 0; i < 300; i++) {
      const key = `object/${i}`;
      expect(balancer.pick(eligible, requestFor(key)).index).toBe(expected(key));
    }
  });

  it('takes turns where it may not try again, and where there is no key', () => {
    const balancer = createBalancer('nginx-hash', { maxTries: 0 }, context);
    balancer.update(table);
    const last = table.slice(3);
    const key = Array.from({ length: 100 }, (_, i) => `k${i}`).find((candidate) => {
      return balancer.pick(table, requestFor(candidate)).index === 0;
    });
    const of = (text: string) => Array.from({ length: 4 }, () => balancer.pick(last, requestFor(text)).id);
    expect(of(key ?? '')).toEqual(['d', 'd', 'e', 'd']);
    expect(of('')).toEqual(['d', 'd', 'e', 'd']);
  });
});
