import type { Placement, PlacementNode, ReplicaSet } from './placement.ts';
import { type Candidates, Spread } from './spread.ts';

/** The nodes that an algorithm prefers for a partition, in order, without an end: a node may come again and again. */
export interface OwnerStream {
  /** Goes to the start of the stream of `partition`. */
  start(partition: number): void;
  /** Place of the next node in the list of nodes. */
  next(): number;
}

/**
 * Replicas from a stream of owners: each node where it first comes. A stream may miss a node for long or for ever, so after
 * `limit` owners the nodes that are left follow in the order of the list.
 */
export class StreamPlacement implements Placement, Candidates {
  readonly #nodes: number;
  readonly #stream: OwnerStream;
  readonly #limit: number;
  readonly #spread: Spread;
  /** Number of the last look-up that met the node. */
  readonly #met: Float64Array;
  #lookUp = 0;
  #left = 0;
  #rest = 0;

  constructor(nodes: readonly PlacementNode[], stream: OwnerStream, limit: number) {
    this.#nodes = nodes.length;
    this.#stream = stream;
    this.#limit = limit;
    this.#spread = new Spread(nodes);
    this.#met = new Float64Array(nodes.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    this.#lookUp++;
    this.#left = this.#limit;
    this.#rest = 0;
    this.#stream.start(partition);
    return this.#spread.pick(this, count);
  }

  next(): number {
    while (this.#left > 0) {
      this.#left--;
      const owner = this.#stream.next();
      if (this.#isNew(owner)) return owner;
    }
    while (this.#rest < this.#nodes) {
      const node = this.#rest++;
      if (this.#isNew(node)) return node;
    }
    return -1;
  }

  #isNew(node: number): boolean {
    if (this.#met[node] === this.#lookUp) return false;
    this.#met[node] = this.#lookUp;
    return true;
  }
}
