import { describe, expect, it } from 'vitest';
import { HashRing, pointCount } from './hash-ring.ts';

interface Node {
  readonly id: string;
  readonly points: readonly number[];
}

const nodes: readonly Node[] = [
  { id: 'b', points: [0x80000000, 20, 10] },
  { id: 'a', points: [20, 0xfffffff0] },
];
const ring = (of: readonly Node[]) => new HashRing(of, ({ points }) => points);

describe('hash ring', () => {
  it('orders points around the circle, and equal points by id', () => {
    const names = (of: readonly Node[]) => {
      const { points, owners } = ring(of);
      return Array.from(points, (point, position) => `${point} ${of[owners[position] ?? -1]?.id}`);
    };
    const expected = ['10 b', '20 a', '20 b', '2147483648 b', '4294967280 a'];
    expect(names(nodes)).toEqual(expected);
    expect(names([...nodes].reverse())).toEqual(expected);
  });

  it.each([
    [0, 0],
    [10, 0],
    [11, 1],
    [20, 1],
    [21, 3],
    [0x80000000, 3],
    [0x80000001, 4],
    [0xfffffff0, 4],
    [0xfffffff1, 0],
    [0xffffffff, 0],
  ])('follows %i with position %i', (hash, position) => {
    expect(ring(nodes).successor(hash)).toBe(position);
  });

  it('gives points in proportion to weight, and at least one', () => {
    expect([1, 2, 0.5, 0.001].map((weight) => pointCount(weight, 2, 160))).toEqual([80, 160, 40, 1]);
  });
});
