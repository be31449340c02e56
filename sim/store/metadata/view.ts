import type { NodeId } from '../../host.ts';
import type { ClusterMap, MoveCause } from '../model.ts';
import type { Leader } from './leader/leader.ts';
import { repairTasks } from './leader/repair-queue.ts';
import type { Partition } from './state/partition.ts';
import type { MetadataState } from './state/state.ts';

/** What can be read off a running member of the metadata service. Reading it changes nothing; it is the member's own state, which may be old. */
export interface MetadataView {
  readonly leads: boolean;
  /** The last revision that is applied here. */
  readonly revision: number;
  readonly map: ClusterMap;
  /** The blocks of which this member's state has something to say about their copies on `node`. */
  copiesOn(node: NodeId): Iterable<KnownCopy>;
  /** Orphans: ids of blocks that no object ever referred to and that are being deleted, as far as they are remembered by id. */
  condemned(): Iterable<string>;
  /** What the leader has still to do; undefined where this member does not lead. */
  backlog(): Backlog | undefined;
}

/** What metadata takes one copy of a block to be. */
export interface KnownCopy {
  readonly id: string;
  readonly partition: number;
  readonly sizeBytes: number;
  /** CRC32C of the block's real bytes. */
  readonly checksum: number;
  readonly role: 'replica' | 'joining' | 'former';
  /**
   * `expected`: it is there. `awaited`: a straggler's, that may yet be acknowledged (who does not lead goes by the time of the
   * last change that it knows of). `lacking`: it is not there. `garbage`: no version refers to the block any more; it is there
   * until it has been deleted.
   */
  readonly copy: 'expected' | 'awaited' | 'lacking' | 'garbage';
}

/** A copy between data nodes that is under way. */
export interface OpenCopy {
  readonly transferId: number;
  readonly kind: 'move' | 'refill';
  readonly cause: MoveCause;
  readonly partition: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly state: 'ordered' | 'done' | 'failed';
  readonly copiedBlocks: number;
  readonly copiedBytes: number;
}

export interface Backlog {
  /** Replicas that lack blocks for good, or whose node was given up: with those under way. */
  readonly repairs: number;
  /** Moves that the log knows of. */
  readonly moves: number;
  readonly transfers: readonly OpenCopy[];
  /** By node, in the order of ids: orders that it has not yet carried out. */
  readonly orders: readonly { readonly node: NodeId; readonly waiting: number }[];
}

/** What is taken of copies on `node` at cluster time `nowMs`. */
export function* knownCopies({ partitions }: MetadataState, node: NodeId, nowMs: number): Generator<KnownCopy, void> {
  for (const partition of partitions) {
    const role = roleOf(partition, node);
    if (role === undefined) continue;
    const missing = partition.missing.get(node);
    for (const { id, sizeBytes, checksum } of partition.blocks.values()) {
      const dueMs = missing?.get(id);
      const copy = dueMs === undefined ? 'expected' : dueMs > nowMs ? 'awaited' : 'lacking';
      yield { id, partition: partition.number, sizeBytes, checksum, role, copy };
    }
    for (const { id, sizeBytes, checksum } of partition.garbage.values())
      yield { id, partition: partition.number, sizeBytes, checksum, role, copy: 'garbage' };
  }
}

function roleOf({ replicas, joining, former }: Partition, node: NodeId): KnownCopy['role'] | undefined {
  if (replicas.includes(node)) return 'replica';
  if (joining.includes(node)) return 'joining';
  return former.has(node) ? 'former' : undefined;
}

export function* condemnedIds({ condemned }: MetadataState): Generator<string, void> {
  for (const [id] of condemned.entries()) yield id;
}

export function backlogOf({ state, clock, transfers, outbox }: Leader): Backlog {
  return {
    repairs: repairTasks(state, clock.nowMs()).length,
    moves: state.moves.size,
    transfers: transfers.all().map((transfer) => {
      const { transferId, kind, cause, partition, from, to, blocks, bytes } = transfer;
      return {
        ...{ transferId, kind, cause, partition, from, to },
        state: transfer.state,
        copiedBlocks: blocks,
        copiedBytes: bytes,
      };
    }),
    orders: state.nodes.all().map(({ description: { id } }) => ({ node: id, waiting: [...outbox.waiting(id)].length })),
  };
}
