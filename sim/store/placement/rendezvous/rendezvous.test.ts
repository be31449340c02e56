import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fnv1a64 } from '../../hash/fnv1a64.ts';
import { type Hash64, hashText } from '../../hash/hash64.ts';
import { siphash24 } from '../../hash/siphash24.ts';
import { vectors } from '../../hash/testdata/vectors.ts';
import { Word64 } from '../../hash/word64.ts';
import { xxh64 } from '../../hash/xxh64.ts';
import { HighestScores } from './rendezvous.ts';

const recorded = vectors(
  'rendezvous.json',
  z.object({ cases: z.array(z.object({ hash: z.string(), nodes: z.number(), owner: z.array(z.number()) })) }),
);

const hashes: Readonly<Record<string, Hash64>> = {
  fnv1a_64: fnv1a64,
  xxh64: xxh64(),
  'siphash24_k(0,0)': siphash24(new Word64(), new Word64()),
};

function scoresOf(nodes: number, hash: Hash64): HighestScores {
  return new HighestScores(Array.from({ length: nodes }, (_, i) => hashText(`node-${i}`, hash, new Word64())));
}

describe.skipIf(recorded.reason !== '')(`recorded from go-rendezvous${recorded.reason}`, () => {
  it('300 keys among up to 100 nodes under three hash functions', () => {
    for (const { hash: name, nodes, owner } of recorded.read().cases) {
      const hash = hashes[name] ?? expect.fail(name);
      const scores = scoresOf(nodes, hash);
      const found = owner.map((_, i) => {
        scores.start(hashText(`key-${i}`, hash, new Word64()));
        return scores.next();
      });
      expect(found, `${name}, ${nodes} nodes`).toEqual(owner);
    }
  });
});

describe('highest scores', () => {
  it('names each node once', () => {
    const scores = scoresOf(20, xxh64());
    scores.start(new Word64(1, 2));
    const order = Array.from({ length: 20 }, () => scores.next());
    expect(new Set(order).size).toBe(20);
    expect(scores.next()).toBe(-1);
  });
});
