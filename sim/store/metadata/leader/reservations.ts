import type { NodeId } from '../../../host.ts';
import type { MetadataState } from '../state/state.ts';

/** Bytes that open moves are still going to put on a node, so that several of them can't overfill it together. */
export class Reservations {
  readonly #byNode = new Map<NodeId, number>();

  constructor(state: MetadataState) {
    for (const move of state.moves.values()) {
      const partition = state.partition(move.partition);
      if (partition === undefined) continue;
      let bytes = 0;
      for (const block of partition.needs(move.to, state.timeMs)) bytes += block.sizeBytes;
      this.add(move.to, bytes);
    }
  }

  bytes(node: NodeId): number {
    return this.#byNode.get(node) ?? 0;
  }

  add(node: NodeId, bytes: number): void {
    this.#byNode.set(node, this.bytes(node) + bytes);
  }
}
