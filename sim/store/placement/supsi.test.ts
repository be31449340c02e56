import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vectors } from '../hash/testdata/vectors.ts';
import { Word64 } from '../hash/word64.ts';
import { Anchor } from './bucket/anchor.ts';
import { binomial } from './bucket/binomial.ts';
import { DxSlots } from './bucket/dx.ts';
import { flip } from './bucket/flip.ts';
import { jump } from './bucket/jump.ts';
import { Memento } from './bucket/memento.ts';
import { power } from './bucket/power.ts';
import { HashRing } from './hash-ring.ts';
import { CheapestFirst } from './rendezvous/cheapest-first.ts';
import { ProbeRing } from './ring/probe-ring.ts';
import { JavaRandom, type SupsiHash, supsiHash } from './testdata/supsi-hashes.ts';

const recorded = vectors(
  'supsi_java.json',
  z.object({
    sets: z.array(
      z.object({
        hash: z.string(),
        hash_samples: z.array(z.record(z.string(), z.string())),
        runs: z.array(
          z.object({
            algorithm: z.string(),
            note: z.string(),
            steps: z.array(
              z.object({
                op: z.enum(['init', 'add', 'remove']),
                bucket: z.number(),
                size: z.number(),
                buckets: z.array(z.number()),
              }),
            ),
          }),
        ),
        rings: z.array(
          z.object({
            algorithm: z.string(),
            vnodes: z.number().optional(),
            probes: z.number().optional(),
            owner: z.array(z.number()),
          }),
        ),
      }),
    ),
  }),
);

/** What a run of joins and leaves drives. */
interface Buckets {
  add(): number;
  remove(bucket: number): void;
  bucketOf(key: string): number;
}

const anchorSeed = 0xdeadbeef;

const growable: Readonly<Record<string, (hash: SupsiHash, size: number, capacity: number) => Buckets>> = {
  memento: (hash, size) => {
    const memento = new Memento(size);
    return {
      add: () => memento.add(),
      remove: (bucket) => memento.remove(bucket),
      bucketOf: (key) =>
        memento.bucketOf(new Word64(0, hash.text(key)), (_, bucket, bound) => hash.seeded(key, bucket) % bound),
    };
  },
  anchor: (hash, size, capacity) => {
    const anchor = new Anchor(capacity, size);
    let last = 0;
    return {
      add: () => anchor.add(),
      remove: (bucket) => anchor.remove(bucket),
      bucketOf: (key) =>
        anchor.bucketOf({
          first: (bound) => {
            last = hash.seeded(key, anchorSeed);
            return last % bound;
          },
          again: (bucket, bound) => {
            last = hash.numbers(last, bucket, anchorSeed);
            return last % bound;
          },
        }),
    };
  },
  dx: (hash, size, capacity) => {
    const dx = new DxSlots(capacity, size);
    const removed: number[] = [];
    let working = size;
    return {
      add: () => {
        const slot = removed.pop() ?? working;
        dx.add(slot);
        working++;
        return slot;
      },
      remove: (slot) => {
        dx.remove(slot);
        removed.push(slot);
        working--;
      },
      bucketOf: (key) => {
        const random = new JavaRandom(hash.text(key));
        return dx.slotOf({ first: (bound) => random.nextInt(bound), again: (_, bound) => random.nextInt(bound) });
      },
    };
  },
};

const fixed: Readonly<Record<string, (hash: Word64, buckets: number, by: SupsiHash) => number>> = {
  jump,
  binomial,
  power: (hash, buckets, by) => power(hash, buckets, (of, seed) => by.numbers(of.low >>> 0, seed)),
  flip: (hash, buckets, by) =>
    flip(hash, buckets, (of, seed, step) =>
      step === undefined ? by.numbers(of.low >>> 0, seed) : by.numbers(of.low >>> 0, seed, step),
    ),
};

const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
const nodes = Array.from({ length: 10 }, (_, i) => ({ id: `node-${i}` }));

const owners: Readonly<Record<string, (hash: SupsiHash, size: number) => number[]>> = {
  ring: (hash, points) => {
    const ring = new HashRing(nodes, ({ id }) => Array.from({ length: points }, (_, i) => hash.seeded(id, i)));
    return keys.map((key) => ring.owners[ring.successor(hash.text(key))] ?? -1);
  },
  multiprobe: (hash, probes) => {
    const points = nodes.map(({ id }) => hash.seeded(id, anchorSeed));
    const ring = new ProbeRing(
      points.map((point, place) => ({ point: new Word64(point), place })),
      probes,
    );
    const last = Math.max(...points);
    return keys.map((key) => {
      // Their distance does not go round the circle: a probe behind the last point is far from all.
      const inside = Array.from({ length: probes }, (_, i) => hash.seeded(key, i)).filter((probe) => probe < last);
      for (let i = 0; i < probes; i++) ring.probe(i, new Word64(inside[i] ?? inside[0]));
      return ring.nearest();
    });
  },
  rendezvous: (hash) => {
    const order = new CheapestFirst(nodes.length);
    return keys.map((key) => {
      nodes.forEach(({ id }, place) => {
        order.costs[place] = -hash.text(key + id);
      });
      order.start();
      return order.next();
    });
  },
};

function numbersIn(note: string): number[] {
  return (note.match(/\d+/g) ?? []).map(Number);
}

describe.skipIf(recorded.reason !== '')(
  `recorded from SUPSI’s java-consistent-hashing-algorithms${recorded.reason}`,
  () => {
    const sets = recorded.reason === '' ? recorded.read().sets : [];

    it.each(sets)('the hash function $hash', ({ hash: name, hash_samples: samples }) => {
      const hash = supsiHash(name);
      for (const sample of samples) {
        const { key = '' } = sample;
        const h = hash.text(key);
        const found = [h, hash.seeded(key, anchorSeed), hash.seeded(key, 7)].map(String);
        expect(found).toEqual([sample['h'], sample['h_seed_0xDEADBEEF'], sample['h_seed_7']]);
      }
    });

    const runs = sets.flatMap(({ hash, runs: all }) => all.map((run) => ({ hash, ...run })));

    it.each(runs)('$algorithm, $note, $hash', ({ hash: name, algorithm, note, steps }) => {
      const hash = supsiHash(name);
      const [size = 0, capacity = 0] = numbersIn(note);
      const grown = growable[algorithm]?.(hash, size, capacity);
      const bucketOf = fixed[algorithm];
      for (const { op, bucket, buckets } of steps) {
        if (op === 'add') expect(grown?.add()).toBe(bucket);
        if (op === 'remove') grown?.remove(bucket);
        const found = keys.map((key) => grown?.bucketOf(key) ?? bucketOf?.(new Word64(0, hash.text(key)), size, hash));
        expect(found, `${op} ${bucket}`).toEqual(buckets);
      }
    });

    const rings = sets.flatMap(({ hash, rings: all }) => all.map((each) => ({ hash, ...each })));

    it.each(rings)('$algorithm, $hash', ({ hash, algorithm, vnodes, probes, owner }) => {
      expect(owners[algorithm]?.(supsiHash(hash), vnodes ?? probes ?? 0)).toEqual(owner);
    });
  },
);
