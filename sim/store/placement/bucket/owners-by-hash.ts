import { Word64 } from '../../hash/word64.ts';
import { type OwnerStream, StreamPlacement } from '../owner-stream.ts';
import { PartitionHashes } from '../partition-hashes.ts';
import type { Placement, PlacementNode } from '../placement.ts';

/** Which of the nodes, as a place in their list, a 64-bit hash belongs to. */
export type OwnerOf = (hash: Word64) => number;

/** All but e^−8 of the nodes are met by then. */
const hashesPerNode = 8;

/** The owners of a partition's first hash, its second and so on. */
class OwnersByHash implements OwnerStream {
  readonly #ownerOf: OwnerOf;
  readonly #hashes = new PartitionHashes();
  readonly #hash = new Word64();

  constructor(ownerOf: OwnerOf) {
    this.#ownerOf = ownerOf;
  }

  start(partition: number): void {
    this.#hashes.start(partition);
  }

  next(): number {
    this.#hashes.next(this.#hash);
    return this.#ownerOf(this.#hash);
  }
}

/**
 * A placement by an algorithm that knows one owner of a hash: the replicas are the owners of the partition's first
 * hash, its second and so on. Ours: the papers have one owner a key.
 *
 * The first replica is exactly the algorithm's. With more, a join or leave moves slightly more than the algorithm
 * does, for two hashes of one partition can change to the same node.
 */
export function placementByHash(nodes: readonly PlacementNode[], ownerOf: OwnerOf): Placement {
  return new StreamPlacement(nodes, new OwnersByHash(ownerOf), nodes.length * hashesPerNode);
}
