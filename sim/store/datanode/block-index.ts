import { blockDigest } from './block-digest.ts';
import type { Segment } from './segment.ts';

/** Where one block stands in the log, and what is known of it. */
export interface BlockEntry {
  readonly id: string;
  readonly partition: number;
  readonly generation: number;
  /** Declared size. */
  readonly sizeBytes: number;
  /** Real length. */
  readonly lengthBytes: number;
  /** CRC32C of the real bytes. */
  readonly checksum: number;
  /** The checksum of its record's header: with the fields above, all of the header is known. */
  headerChecksum: number;
  segment: Segment;
  offset: number;
  /** Number of the oldest segment in which a record of this id may stand: what a tombstone must cover. */
  oldestSegment: number;
  /** The commit group that makes it durable; see `CommitQueue.isDurable`. */
  commit: number;
  /** When it was stored, or found at the start of the process; by the monotonic clock. */
  readonly sinceMs: number;
  /** Its bytes were checked in this incarnation: when they arrived, or when they were read. */
  verified: boolean;
  /** It failed its checksum: kept for inspection, never returned, replaced as soon as a good copy arrives. */
  quarantined: boolean;
}

/** The blocks of one partition. */
export class PartitionInventory {
  readonly partition: number;
  readonly entries = new Map<string, BlockEntry>();
  /** Blocks that are not quarantined. */
  blocks = 0;
  /** XOR of `blockDigest` over the blocks that are not quarantined. */
  digest = 0;
  /** The newest epoch under which a write was accepted here: older ones are fenced off. */
  writeEpoch = 0;
  /** The newest epoch at which this node was made an owner: older orders to drop the partition are void. */
  claimedEpoch = 0;

  constructor(partition: number) {
    this.partition = partition;
  }

  count(entry: BlockEntry, direction: 1 | -1): void {
    this.blocks += direction;
    this.digest = (this.digest ^ blockDigest(entry.id, entry.checksum)) >>> 0;
  }
}

/** What the log holds: by partition and id, where the block stands. Rebuilt from the log at each start. */
export class BlockIndex {
  readonly #partitions = new Map<number, PartitionInventory>();
  /** The block last put under each id: ids are unique, so this finds what is asked for in one step. */
  readonly #byId = new Map<string, BlockEntry>();
  /** Somebody has stored one id in two partitions nevertheless, so that one step does not do. */
  #hasHomonyms = false;
  /** Blocks that are kept though they failed their checksum. */
  quarantined = 0;

  /** The partition's inventory, made if there is none. */
  partition(partition: number): PartitionInventory {
    let inventory = this.#partitions.get(partition);
    if (inventory === undefined) {
      inventory = new PartitionInventory(partition);
      this.#partitions.set(partition, inventory);
    }
    return inventory;
  }

  get(partition: number, id: string): BlockEntry | undefined {
    const entry = this.#byId.get(id);
    if (entry?.partition === partition) return entry;
    return this.#hasHomonyms ? this.#partitions.get(partition)?.entries.get(id) : undefined;
  }

  /** Makes `entry` the block of its id, in place of any other. */
  put(entry: BlockEntry): void {
    const inventory = this.partition(entry.partition);
    const namesake = this.#byId.get(entry.id);
    if (namesake !== undefined && namesake.partition !== entry.partition) this.#hasHomonyms = true;
    const previous = this.#hasHomonyms ? inventory.entries.get(entry.id) : namesake;
    if (previous !== undefined) this.#uncount(inventory, previous);
    inventory.entries.set(entry.id, entry);
    this.#byId.set(entry.id, entry);
    if (entry.quarantined) this.quarantined += 1;
    else inventory.count(entry, 1);
  }

  remove(entry: BlockEntry): void {
    const inventory = this.partition(entry.partition);
    if (inventory.entries.get(entry.id) !== entry) return;
    inventory.entries.delete(entry.id);
    if (this.#byId.get(entry.id) === entry) this.#byId.delete(entry.id);
    this.#uncount(inventory, entry);
  }

  /** Takes a block out of the inventory without forgetting it. Returns false if it was out already. */
  quarantine(entry: BlockEntry): boolean {
    if (entry.quarantined || this.get(entry.partition, entry.id) !== entry) return false;
    this.partition(entry.partition).count(entry, -1);
    entry.quarantined = true;
    this.quarantined += 1;
    return true;
  }

  /** All partitions that were ever touched, ascending. */
  inventories(): PartitionInventory[] {
    return [...this.#partitions.values()].sort((a, b) => a.partition - b.partition);
  }

  #uncount(inventory: PartitionInventory, entry: BlockEntry): void {
    if (entry.quarantined) this.quarantined -= 1;
    else inventory.count(entry, -1);
  }
}
