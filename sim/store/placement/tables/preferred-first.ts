import type { PlacementNode, ReplicaSet } from '../placement.ts';
import { type Candidates, Spread } from '../spread.ts';
import { DrawnOrder } from './drawn-order.ts';

/** Replicas from the few nodes that a table names for a partition, and beyond them from all others, by hash and weight. */
export class PreferredFirst implements Candidates {
  readonly #spread: Spread;
  readonly #rest: DrawnOrder;
  /** Number of the last look-up that met the node. */
  readonly #met: Float64Array;
  #lookUp = 0;
  #preferred: ArrayLike<number> = [];
  #at = 0;

  /** @param nodes - In the order of ids. */
  constructor(nodes: readonly PlacementNode[]) {
    this.#spread = new Spread(nodes);
    this.#rest = new DrawnOrder(nodes);
    this.#met = new Float64Array(nodes.length);
  }

  /**
   * @param number - What the order of the others is drawn by.
   * @param preferred - Places of nodes, the most preferred first.
   * @throws RangeError if `count` is no whole number from 1 to the number of nodes.
   */
  pick(number: number, preferred: ArrayLike<number>, count: number): ReplicaSet {
    this.#lookUp++;
    this.#preferred = preferred;
    this.#at = 0;
    this.#rest.start(number);
    return this.#spread.pick(this, count);
  }

  next(): number {
    for (;;) {
      const place = this.#at < this.#preferred.length ? (this.#preferred[this.#at++] ?? -1) : this.#rest.next();
      if (place < 0 || this.#met[place] !== this.#lookUp) {
        if (place >= 0) this.#met[place] = this.#lookUp;
        return place;
      }
    }
  }
}
