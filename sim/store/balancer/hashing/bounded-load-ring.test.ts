import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fnv1a64 } from '../../hash/fnv1a64.ts';
import { Word64 } from '../../hash/word64.ts';
import { xxh64 } from '../../hash/xxh64.ts';
import { textHashes } from '../hash/text-hash.ts';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import { boundedWalk } from './bounded-load-ring.ts';
import { HashedTable } from './hashed-table.ts';
import lafikl from './testdata/lafikl.json' with { type: 'json' };
import { requestFor, type TestBackend, tableOf } from './testdata/table.ts';
import { WideRing } from './wide-ring.ts';

function blake2b(text: string, into: Word64): Word64 {
  const digest = createHash('blake2b512').update(text).digest();
  return into.set(digest.readInt32LE(4), digest.readInt32LE(0));
}

describe.each(lafikl.cases)('lafikl/consistent: $hosts hosts', (published) => {
  const ids = Object.keys(published.final_loads).sort();
  const table = tableOf(ids);
  const ring = new WideRing(
    table,
    ids.map(() => 10),
    (place, i, into) => blake2b(`${ids[place]}${i}`, into),
  );
  const hashed = new HashedTable();
  hashed.update(table);

  it('sends each key where GetLeast sent it, as loads grow', () => {
    hashed.mark(table);
    const found = published.get_least_then_inc.map((_, i) => {
      const start = ring.successor(blake2b(`key-${i % 37}`, new Word64()));
      const bound = { balanceFactor: 1.25, mean: 'floored' } as const;
      const picked = boundedWalk(hashed, ring.owners, start, table, bound);
      const entry = table[picked?.index ?? -1];
      if (entry !== undefined) entry.inFlight++;
      return entry?.id;
    });
    expect(found).toEqual(published.get_least_then_inc);
    expect(Object.fromEntries(table.map(({ id, inFlight }) => [id, inFlight]))).toEqual(published.final_loads);
  });
});

interface Partitioned {
  readonly hash: string;
  readonly members: number;
  readonly partitions: number;
  readonly replication_factor: number;
  readonly load: number;
  readonly partition_owner: readonly string[];
}
const file = '../shared/vectors/bounded_loads.json';
const absent = !existsSync(file);
const cases: readonly Partitioned[] = absent ? [] : JSON.parse(readFileSync(file, 'utf8')).buraksezer.cases;

// buraksezer/consistent places partitions, not requests: the same walk, with one bound for all from the start.
describe.skipIf(absent)(`buraksezer/consistent of ${file}${absent ? ' (absent)' : ''}`, () => {
  it.each(cases)('$hash, $members members, $partitions partitions', (published) => {
    const name = published.hash === 'xxh64' ? 'xxh64' : 'fnv1a-64';
    const ids = Array.from({ length: published.members }, (_, i) => `node${i}.olric`);
    const table = tableOf(ids);
    const ring = new WideRing(
      table,
      ids.map(() => published.replication_factor),
      (place, i, into) => textHashes[name](`${i}:${ids[place]}`, into),
    );
    const bound = Math.ceil((published.partitions / published.members) * published.load);
    const owners = published.partition_owner.map((_, partition) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setUint32(0, partition, true);
      const hash = new Word64();
      (name === 'xxh64' ? xxh64() : fnv1a64)(bytes, 8, hash);
      const position = firstWithRoom(ring, ring.successor(hash), table, bound);
      const entry = table[ring.owners[position] ?? -1];
      if (entry !== undefined) entry.inFlight++;
      return entry?.id;
    });
    expect(owners).toEqual(published.partition_owner);
  });
});

function firstWithRoom(ring: WideRing, start: number, table: readonly TestBackend[], bound: number): number {
  let at = start;
  while ((table[ring.owners[at] ?? 0]?.inFlight ?? 0) + 1 > bound) at = (at + 1) % ring.owners.length;
  return at;
}

describe('bounded-load ring', () => {
  it('never lets a backend have more than c times its share, rounded up, whatever the keys', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 10 });
    const factors = fc.double({ min: 1.01, max: 3, noNaN: true });
    fc.assert(
      fc.property(weights, factors, fc.array(fc.nat(3), { maxLength: 120 }), (each, balanceFactor, keys) => {
        const table = tableOf(
          each.map((_, i) => `data-${i}`),
          each,
        );
        const balancer = createBalancer(
          'bounded-load-ring',
          { balanceFactor },
          { random: seededStream(1), nowMs: () => 0 },
        );
        balancer.update(table);
        const total = each.reduce((sum, weight) => sum + weight, 0);
        keys.forEach((key, sent) => {
          const entry = table[balancer.pick(table, requestFor(`hot-${key}`)).index];
          if (entry === undefined) throw new Error('picked from nowhere');
          entry.inFlight++;
          expect(entry.inFlight).toBeLessThanOrEqual(Math.ceil((balanceFactor * (sent + 1) * entry.weight) / total));
        });
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('is the plain ring while nobody is full', () => {
    const table = tableOf(Array.from({ length: 20 }, (_, i) => `data-${i}`));
    const [plain, bounded] = ['ring-hash', 'bounded-load-ring'].map((name) => {
      const balancer = createBalancer(name, {}, { random: seededStream(1), nowMs: () => 0 });
      balancer.update(table);
      return balancer;
    });
    for (let i = 0; i < 300; i++) {
      const request = requestFor(`object/${i}`);
      expect(bounded?.pick(table, request)).toBe(plain?.pick(table, request));
    }
  });
});
