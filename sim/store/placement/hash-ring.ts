import type { NodeId } from '../../host.ts';

/** A point and its owner are sorted as one number: the owner needs this many values. */
const maxOwners = 0x100000;

/**
 * A consistent hash ring: points on the circle of unsigned 32-bit numbers, each owned by one node. Equal
 * points stand in the order of their owners' ids, so the ring doesn't depend on the order of the nodes.
 *
 * Source: D. Karger et al., "Consistent hashing and random trees" (1997).
 */
export class HashRing<Owner extends { readonly id: NodeId }> {
  /** Number of points. */
  readonly size: number;
  /** Owner of the point at each position, as its place in `nodes`; positions ascend around the circle. */
  readonly owners: Int32Array;
  readonly points: Uint32Array;
  readonly #bucketShift: number;
  /** Position of the first point at or after the start of each bucket. */
  readonly #bucketStarts: Int32Array;

  /**
   * @param nodes - Of distinct ids.
   * @param pointsOf - The points of one of them.
   * @throws RangeError beyond 2^20 nodes.
   */
  constructor(nodes: readonly Owner[], pointsOf: (node: Owner) => Iterable<number>) {
    if (nodes.length > maxOwners) throw new RangeError(`nodes: found ${nodes.length}, accepted: at most ${maxOwners}`);
    const byId = nodes.map((node, place) => ({ node, place })).sort((a, b) => compareIds(a.node, b.node));
    const keys: number[] = [];
    byId.forEach(({ node }, rank) => {
      for (const point of pointsOf(node)) keys.push(point * maxOwners + rank);
    });
    const sorted = new Float64Array(keys).sort();
    this.size = sorted.length;
    this.points = new Uint32Array(this.size);
    this.owners = new Int32Array(this.size);
    for (let position = 0; position < this.size; position++) {
      const key = sorted[position] ?? 0;
      const point = Math.floor(key / maxOwners);
      this.points[position] = point;
      this.owners[position] = byId[key - point * maxOwners]?.place ?? 0;
    }
    this.#bucketShift = Math.min(31, Math.clz32(this.size));
    this.#bucketStarts = bucketStarts(this.points, this.#bucketShift);
  }

  /** Position of the first point at or after `hash`, clockwise. The ring must not be empty. */
  successor(hash: number): number {
    const points = this.points;
    let position = this.#bucketStarts[hash >>> this.#bucketShift] ?? 0;
    while (position < this.size && (points[position] ?? 0) < hash) position++;
    return position === this.size ? 0 : position;
  }
}

/** About as many buckets as points, so that a look-up passes over one or two points where a binary search takes log₂ steps. */
function bucketStarts(points: Uint32Array, shift: number): Int32Array {
  const starts = new Int32Array((0xffffffff >>> shift) + 1);
  let position = 0;
  for (let bucket = 0; bucket < starts.length; bucket++) {
    while (position < points.length && (points[position] ?? 0) >>> shift < bucket) position++;
    starts[bucket] = position;
  }
  return starts;
}

/** Orders nodes by the UTF-16 units of their ids, as every machine does. */
export function compareIds(a: { readonly id: NodeId }, b: { readonly id: NodeId }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** How many points a node of `weight` has, if one of `unitWeight` has `virtualNodes`: in proportion, and at least one. */
export function pointCount(weight: number, unitWeight: number, virtualNodes: number): number {
  return Math.max(1, Math.round((virtualNodes * weight) / unitWeight));
}
