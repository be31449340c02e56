import type { PartitionInventory } from './block-index.ts';

/**
 * Keeps writers with an old map out. Per partition: once a write was accepted under an epoch, or the partition was
 * dropped as of one, nothing is accepted under an older one. A new registration raises the floor for all partitions
 * to the epoch at which it was granted, so what the process knew before a crash need not be stored.
 */
export class EpochFence {
  /** The newest epoch that this node has heard of. */
  known = 0;
  #floor = 0;

  learn(epoch: number): void {
    if (epoch > this.known) this.known = epoch;
  }

  onRegistered(epoch: number): void {
    this.learn(epoch);
    if (epoch > this.#floor) this.#floor = epoch;
  }

  /** May a write under `epoch` go ahead? If so, older ones may not any more. */
  admit(inventory: PartitionInventory, epoch: number): boolean {
    if (epoch < this.#floor || epoch < inventory.writeEpoch) return false;
    inventory.writeEpoch = epoch;
    this.learn(epoch);
    return true;
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
}
