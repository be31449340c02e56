import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectVersion } from '../model.ts';
import { ObjectCache } from './object-cache.ts';

const version = (key: string, generation: number, sizeBytes = 10): ObjectVersion => ({
  key,
  generation,
  sizeBytes,
  blocks: [{ id: `${key}${generation}`, partition: 0, sizeBytes, checksum: generation }],
});
const body = (sizeBytes: number) => ({ sizeBytes, bytes: new Uint8Array(0) });
const kept = (cache: ObjectCache, key: string) => cache.newest(key, 0)?.generation;

describe('what a client remembers', () => {
  it('gives a body to its own version only', () => {
    const cache = new ObjectCache(10_000, 100);
    const content = body(10);
    cache.confirm(version('a', 1), 5, content);
    expect(cache.bodyOf(version('a', 1))).toBe(content);
    expect(cache.bodyOf(version('a', 2))).toBeUndefined();
    cache.confirm(version('a', 2), 6);
    expect(cache.bodyOf(version('a', 1))).toBeUndefined();
    expect(cache.bodyOf(version('a', 2))).toBeUndefined();
  });

  it('gives a version only if it was confirmed since then; a later confirmation keeps its body', () => {
    const cache = new ObjectCache(10_000, 100);
    const content = body(10);
    cache.confirm(version('a', 1), 5, content);
    expect([kept(cache, 'a'), cache.newest('a', 6)]).toEqual([1, undefined]);
    cache.confirm(version('a', 1), 8);
    expect(cache.newest('a', 6)?.generation).toBe(1);
    expect(cache.bodyOf(version('a', 1))).toBe(content);
    cache.confirm(version('a', 1), 2);
    expect(cache.newest('a', 6)?.generation).toBe(1);
  });

  it('does not go back to what a slow answer tells', () => {
    const cache = new ObjectCache(10_000, 100);
    cache.confirm(version('a', 3), 5);
    cache.confirm(version('a', 2), 9);
    expect(kept(cache, 'a')).toBe(3);
    cache.outdate('a', 4);
    expect(kept(cache, 'a')).toBeUndefined();
    cache.confirm(version('a', 3), 9);
    cache.missing('a', 10);
    cache.confirm(version('a', 3), 11);
    expect(kept(cache, 'a')).toBeUndefined();
    cache.confirm(version('a', 5), 12);
    expect(kept(cache, 'a')).toBe(5);
  });

  it('forgets a key that was found missing, unless it is known to have been written since', () => {
    const cache = new ObjectCache(10_000, 100);
    cache.confirm(version('a', 1), 5);
    cache.missing('a', 4);
    expect(kept(cache, 'a')).toBe(1);
    cache.missing('a', 6);
    expect(kept(cache, 'a')).toBeUndefined();
    cache.confirm(version('a', 2), 7);
    cache.outdate('a', 0);
    expect(kept(cache, 'a')).toBeUndefined();
  });

  it('lets go what was used least recently, and keeps no large body', () => {
    const cache = new ObjectCache(600, 300);
    cache.confirm(version('large', 1), 0, body(301));
    expect(cache.bodyOf(version('large', 1))).toBeUndefined();
    cache.outdate('large', 0);
    for (const key of ['a', 'b', 'c']) cache.confirm(version(key, 1), 0, body(60));
    cache.newest('a', 0);
    cache.confirm(version('d', 1), 0, body(60));
    expect(['a', 'b', 'c', 'd'].map((key) => kept(cache, key))).toEqual([1, undefined, 1, 1]);
  });

  it('stays within its bytes and never takes a generation back, whatever happens', () => {
    const steps = fc.array(
      fc.record({
        key: fc.constantFrom('a', 'bb', 'ccc', 'dddd'),
        generation: fc.integer({ min: 0, max: 20 }),
        sizeBytes: fc.integer({ min: 0, max: 400 }),
        atMs: fc.integer({ min: 0, max: 50 }),
        act: fc.constantFrom('confirm', 'keep', 'outdate', 'missing'),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 900 }), (all, limit) => {
        const cache = new ObjectCache(limit, 200);
        for (const { key, generation, sizeBytes, atMs, act } of all) {
          const before = kept(cache, key);
          if (act === 'outdate') cache.outdate(key, generation);
          else if (act === 'missing') cache.missing(key, atMs);
          else cache.confirm(version(key, generation, sizeBytes), atMs, act === 'keep' ? body(sizeBytes) : undefined);
          expect(cache.usedBytes).toBeLessThanOrEqual(limit);
          expect(cache.usedBytes).toBeGreaterThanOrEqual(0);
          const after = kept(cache, key);
          if (before !== undefined && after !== undefined) expect(after).toBeGreaterThanOrEqual(before);
        }
        for (const key of ['a', 'bb', 'ccc', 'dddd']) cache.outdate(key, 0);
        expect(cache.usedBytes).toBe(0);
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
