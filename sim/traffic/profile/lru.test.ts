import { describe, expect, it } from 'vitest';
import { lruHitRatio } from './lru.ts';

describe('an LRU cache', () => {
  it('drops what was used least recently', () => {
    // 1 2 3 fill; 1 hits and becomes newest; 4 drops 2; 2 drops 3; 1 hits.
    expect(lruHitRatio([1, 2, 3, 1, 4, 2, 1], 3)).toBeCloseTo(2 / 7, 12);
  });

  it('never hits in a loop one longer than itself, always in one that fits', () => {
    const loop = (length: number) => Array.from({ length: 100 * length }, (_, i) => i % length);
    expect(lruHitRatio(loop(11), 10)).toBe(0);
    expect(lruHitRatio(loop(10), 10)).toBe(0.99);
    expect(lruHitRatio([5, 5, 5, 5], 1)).toBe(0.75);
  });
});
