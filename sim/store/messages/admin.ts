import type { NodeId } from '../../host.ts';
import type { BlockRef, ClusterMap, Fullness, Liveness, Membership, MoveCause } from '../model.ts';

/** What operators are answered: the state of things with reasons. */

export interface AdminState {
  readonly kind: 'admin.state';
  readonly map: ClusterMap;
  readonly objects: number;
  readonly openMoves: number;
  /** Marks of deleted keys. */
  readonly tombstones: number;
  /** Blocks of replaced and deleted versions that some holder has yet to delete. */
  readonly garbageBlocks: number;
  /** Blocks that no object ever referred to, refused to writers from now on. */
  readonly condemnedBlocks: number;
  readonly lostBlocks: number;
  readonly paused: { readonly rebalance: boolean; readonly repair: boolean };
  readonly nodes: readonly NodeStatus[];
  readonly controlBytes: number;
}

/** How a data node does, and why it is judged so. */
export interface NodeStatus {
  readonly node: NodeId;
  readonly liveness: Liveness;
  readonly membership: Membership;
  readonly gray: boolean;
  readonly fullness: Fullness;
  /** One for each of the four that is not as it should be, with why and since when. */
  readonly reasons: readonly string[];
  /** What metadata will do about it by itself, or what it waits for; '' if there is nothing to do. */
  readonly next: string;
}

/** How even a distribution is, in multiples of each node's share (1: it holds just what its weight asks for). */
export interface BalanceFigures {
  readonly max: number;
  readonly deviation: number;
}

export interface AdminPlanned {
  readonly kind: 'admin.planned';
  readonly epoch: number;
  readonly moves: readonly {
    readonly partition: number;
    readonly from: NodeId;
    readonly to: NodeId;
    readonly cause: MoveCause;
    readonly bytes: number;
    readonly why: string;
    /** Why it could not begin now, '' if it could. */
    readonly held: string;
  }[];
  readonly before: BalanceFigures;
  /** With all the moves made. */
  readonly after: BalanceFigures;
  readonly controlBytes: number;
}

/** What metadata knows of one copy of a block: `awaited` is a straggler's, that may yet be acknowledged. */
export interface HolderTrace {
  readonly node: NodeId;
  readonly role: 'replica' | 'joining' | 'former';
  readonly copy: 'held' | 'awaited' | 'lacking';
  readonly why: string;
}

export interface BlockTrace {
  readonly block: BlockRef;
  /** What placement would have for this partition now: where this differs from the replicas, the words say why. */
  readonly placement: readonly NodeId[];
  readonly holders: readonly HolderTrace[];
  readonly words: readonly string[];
}

export interface AdminTraced {
  readonly kind: 'admin.traced';
  readonly key: string;
  readonly epoch: number;
  readonly state: 'live' | 'deleted' | 'absent';
  /** Of the version, or of the mark of its deletion; 0 if there is neither. */
  readonly generation: number;
  readonly blocks: readonly BlockTrace[];
  readonly words: readonly string[];
  readonly controlBytes: number;
}

export interface AdminLosses {
  readonly kind: 'admin.losses';
  readonly blocks: readonly {
    readonly id: string;
    readonly partition: number;
    readonly sizeBytes: number;
    /** The objects that cannot be read any more. */
    readonly keys: readonly string[];
  }[];
  readonly controlBytes: number;
}
