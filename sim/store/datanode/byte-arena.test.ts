import { describe, expect, it } from 'vitest';
import { ByteArena } from './byte-arena.ts';

describe('an arena', () => {
  it('never hands out a byte twice, at the end of a slab or for large pieces', () => {
    const arena = new ByteArena();
    const lengths = Array.from({ length: 300 }, (_, i) => (i * 1_777) % 6_000);
    const pieces = lengths.map((length) => arena.take(length));
    pieces.forEach((piece, i) => {
      expect(piece.every((byte) => byte === 0)).toBe(true);
      piece.fill(1 + (i % 255));
    });
    expect(pieces.map((piece) => piece.length)).toEqual(lengths);
    pieces.forEach((piece, i) => {
      expect(piece.every((byte) => byte === 1 + (i % 255))).toBe(true);
    });
  });
});
