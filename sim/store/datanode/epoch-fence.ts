import type { StoreEvent } from '../events.ts';
import type { PartitionInventory } from './block-index.ts';
import type { EventSink } from './event-sink.ts';

type Via = Extract<StoreEvent, { kind: 'map-seen' }>['via'];

/**
 * Keeps writers with an old map out. Per partition: once a write was accepted under an epoch, or the partition was
 * dropped as of one, nothing is accepted under an older one. A new registration raises the floor for all partitions
 * to the epoch at which it was granted, so what the process knew before a crash need not be stored.
 */
export class EpochFence {
  readonly #events: EventSink;
  /** The newest epoch that this node has heard of. */
  known = 0;
  #floor = 0;

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** Metadata has told of an epoch. */
  learn(epoch: number): void {
    this.#see(epoch, 'refresh');
  }

  onRegistered(epoch: number): void {
    this.learn(epoch);
    if (epoch > this.#floor) this.#floor = epoch;
  }

  /** May a write under `epoch` go ahead? If so, older ones may not any more. */
  admit(inventory: PartitionInventory, epoch: number): boolean {
    if (epoch < this.oldest(inventory)) return false;
    inventory.writeEpoch = epoch;
    this.#see(epoch, 'push');
    return true;
  }

  /** The oldest epoch under which a write to the partition is accepted. */
  oldest(inventory: PartitionInventory): number {
    return Math.max(this.#floor, inventory.writeEpoch);
  }

  /** This node was told to fill the partition. */
  claim(inventory: PartitionInventory): void {
    inventory.claimedEpoch = Math.max(inventory.claimedEpoch, this.known);
  }

  /**
   * May the partition be dropped as of `epoch`? Not if this node was made an owner, or has accepted a write, under a
   * newer one: then the order is a late repetition. If it may, writers with an older map are fenced off.
   */
  admitDrop(inventory: PartitionInventory, epoch: number): boolean {
    if (epoch < inventory.writeEpoch || epoch < inventory.claimedEpoch) return false;
    inventory.writeEpoch = epoch;
    this.learn(epoch);
    return true;
  }

  #see(epoch: number, via: Via): void {
    if (epoch <= this.known) return;
    this.known = epoch;
    this.#events.emit({ kind: 'map-seen', epoch, via });
  }
}
