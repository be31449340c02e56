import type { NodeId } from '../../../host.ts';
import type { MetadataState } from '../state/state.ts';
import type { TransferTable } from './transfers.ts';

/** Bytes that open moves and refills are still going to put on a node, so that several of them can't overfill it together. */
export class Reservations {
  readonly #byNode = new Map<NodeId, number>();

  constructor(state: MetadataState, transfers: TransferTable) {
    for (const { partition, to } of state.moves.values()) this.#addNeeds(state, partition, to);
    for (const { kind, partition, to } of transfers.all()) if (kind === 'refill') this.#addNeeds(state, partition, to);
  }

  bytes(node: NodeId): number {
    return this.#byNode.get(node) ?? 0;
  }

  add(node: NodeId, bytes: number): void {
    this.#byNode.set(node, this.bytes(node) + bytes);
  }

  #addNeeds(state: MetadataState, partition: number, to: NodeId): void {
    let bytes = 0;
    for (const block of state.partition(partition)?.needs(to, state.timeMs) ?? []) bytes += block.sizeBytes;
    this.add(to, bytes);
  }
}
