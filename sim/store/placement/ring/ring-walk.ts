import type { HashRing } from '../hash-ring.ts';
import { type OwnerStream, StreamPlacement } from '../owner-stream.ts';
import type { Placement, PlacementNode } from '../placement.ts';

/** The owners of the points that follow a partition's own point clockwise. */
class PointOwners implements OwnerStream {
  readonly #ring: HashRing<PlacementNode>;
  readonly #pointOf: (partition: number) => number;
  #position = 0;

  constructor(ring: HashRing<PlacementNode>, pointOf: (partition: number) => number) {
    this.#ring = ring;
    this.#pointOf = pointOf;
  }

  start(partition: number): void {
    this.#position = this.#ring.size === 0 ? 0 : this.#ring.successor(this.#pointOf(partition));
  }

  next(): number {
    const owner = this.#ring.owners[this.#position] ?? 0;
    if (++this.#position === this.#ring.size) this.#position = 0;
    return owner;
  }
}

/**
 * The replicas of a partition are the nodes that follow its point on the ring clockwise, each at its first point: the
 * preference list of Dynamo. Nodes without a point come last.
 *
 * @param ring - Of these nodes in this order.
 * @param pointOf - The point of a partition, an unsigned 32-bit number.
 */
export function placementByRing(
  nodes: readonly PlacementNode[],
  ring: HashRing<PlacementNode>,
  pointOf: (partition: number) => number,
): Placement {
  return new StreamPlacement(nodes, new PointOwners(ring, pointOf), ring.size);
}
