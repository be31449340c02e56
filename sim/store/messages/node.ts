import type { NodeId } from '../../host.ts';
import type { BlockRef, MoveCause } from '../model.ts';

/** What data nodes tell the metadata leader of themselves, and what it wants of them. */

/** What a node says of itself when it registers: after its disk was scanned and it serves. */
export interface NodeDescription {
  readonly id: NodeId;
  /** Identity of the disk, made when it was first used: tells a returning node from one with a wiped or foreign disk. */
  readonly diskId: string;
  readonly incarnation: number;
  readonly zone: string;
  readonly rack: string;
  readonly host: string;
  readonly weight: number;
  readonly capacityBytes: number;
}

/** State of a transfer that a data node was told to carry out. */
export interface TransferReport {
  readonly transferId: number;
  readonly partition: number;
  readonly state: 'copying' | 'done' | 'failed';
  /** Blocks that are now verified here, among those asked for (only with `done` and `failed`). */
  readonly verified: readonly string[];
  readonly copiedBlocks: number;
  readonly copiedBytes: number;
  readonly detail: string;
}

export interface Heartbeat {
  readonly kind: 'node.heartbeat';
  readonly id: NodeId;
  readonly incarnation: number;
  /** The epoch that the node has seen. */
  readonly epoch: number;
  readonly usedBytes: number;
  readonly capacityBytes: number;
  readonly inFlight: number;
  /** Operations of the disk that failed, blocks that failed their checksum and unreadable stretches of log, since the process began. */
  readonly diskErrors: number;
  /** Reads have failed repeatedly of late: the disk itself is in doubt, not single blocks. */
  readonly diskFailing: boolean;
  /** It takes no new blocks for want of space. Deletes and repairs still work. */
  readonly readOnly: boolean;
  /** Blocks that are kept but failed their checksum: not served, no source of copies, not in the digests. */
  readonly quarantined: number;
  /** Peers of which a copy could not be fetched lately: they did not answer, or refused the connection. */
  readonly unreachable: readonly NodeId[];
  /** Blocks that failed their checksum since the last acknowledged beat. */
  readonly corrupt: readonly { readonly id: string; readonly partition: number }[];
  readonly transfers: readonly TransferReport[];
  /** Commands carried out (or, for transfers, accepted) since the last acknowledged beat. */
  readonly doneCommands: readonly number[];
  /** XOR digest of the inventory, by partition held: O(1) to keep, tells a replica that has drifted. */
  readonly digests: readonly (readonly [partition: number, digest: number, blocks: number])[];
  readonly controlBytes: number;
}

/** What the metadata leader wants of a data node. Rides on heartbeat answers and is repeated until done: carrying one out twice does no harm. */
export type NodeCommand =
  | {
      readonly kind: 'transfer';
      readonly commandId: number;
      readonly transferId: number;
      readonly partition: number;
      readonly cause: MoveCause;
      /** Blocks to have; those already here and verified are not copied. */
      readonly blocks: readonly BlockRef[];
      readonly sources: readonly NodeId[];
      readonly bytesPerSecond: number;
    }
  | { readonly kind: 'cancel-transfer'; readonly commandId: number; readonly transferId: number }
  | {
      readonly kind: 'delete-blocks';
      readonly commandId: number;
      readonly blocks: readonly { readonly id: string; readonly partition: number }[];
      /** `orphan`: no object ever referred to them; absent for those of replaced and deleted versions. */
      readonly why?: 'orphan' | undefined;
    }
  /** The node is no longer an owner: all of the partition's blocks may go. */
  | { readonly kind: 'drop-partition'; readonly commandId: number; readonly partition: number; readonly epoch: number }
  /** From now on no transfer, running or later, goes faster than this, nor than its own limit. Forgotten when the process ends. */
  | { readonly kind: 'pace-transfers'; readonly commandId: number; readonly bytesPerSecond: number }
  /** Tell all that is here of a partition. Done once the {@link NodeInventory} was noted. */
  | { readonly kind: 'inventory'; readonly commandId: number; readonly partition: number }
  /** Begin a pass of the scrub now. Done when begun; its end shows as the event `scrub-pass`. */
  | { readonly kind: 'scrub'; readonly commandId: number };

/** Everything that a node holds of one partition, quarantined blocks excepted. Answered `inventory.noted`. */
export interface NodeInventory {
  readonly kind: 'node.inventory';
  readonly id: NodeId;
  readonly incarnation: number;
  /** Of the command that asked for it: the answer to an older one is noted and void. */
  readonly commandId: number;
  readonly partition: number;
  readonly blocks: readonly InventoryBlock[];
  readonly controlBytes: number;
}

export interface InventoryBlock {
  readonly id: string;
  readonly sizeBytes: number;
  readonly checksum: number;
  /** Time since it was stored, or since the node started if that is later: never more than its true age. */
  readonly ageMs: number;
}

/** The node wants to leave, once all that it holds is elsewhere. Asked again until the answer is `node.leaving` with `left`. */
export interface NodeLeave {
  readonly kind: 'node.leave';
  readonly id: NodeId;
  readonly incarnation: number;
}
