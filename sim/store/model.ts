import type { NodeId } from '../host.ts';

/** The nouns that all components share. Plain data: they travel in messages and stand in logs. */

/** A stored unit. Its content never changes: a new version of an object has blocks with new ids. */
export interface BlockRef {
  /** Unique for ever: `<client>.<incarnation>.<counter>`. */
  readonly id: string;
  readonly partition: number;
  /** Declared size. */
  readonly sizeBytes: number;
  /** CRC32C of the real bytes. */
  readonly checksum: number;
}

/** One committed version of an object. */
export interface ObjectVersion {
  readonly key: string;
  /** The revision of the metadata log that made it: larger is newer, over all keys. */
  readonly generation: number;
  readonly sizeBytes: number;
  readonly blocks: readonly BlockRef[];
}

/** Is it alive? Judged by the metadata leader's failure detector. */
export type Liveness = 'up' | 'suspect' | 'down';

/** Does it belong? Changed by operators and by the node itself, never by the failure detector. */
export type Membership = 'joining' | 'active' | 'draining' | 'left';

/**
 * How full a disk is: from `near-full` on it is reported, from `no-backfill` on it is no target of moves, from `read-only` on
 * it takes no new blocks.
 */
export type Fullness = 'ok' | 'near-full' | 'no-backfill' | 'read-only';

/** A data node as the cluster map tells of it. */
export interface MapNode {
  readonly id: NodeId;
  readonly zone: string;
  readonly rack: string;
  readonly host: string;
  readonly weight: number;
  readonly liveness: Liveness;
  readonly membership: Membership;
  /** Slow or failing in part: it keeps its control role and loses data traffic, so others are picked first. */
  readonly gray: boolean;
  readonly fullness: Fullness;
}

/** Who holds one partition. Reads go to `replicas`; writes go to `replicas` and `joining`. */
export interface PartitionEntry {
  readonly replicas: readonly NodeId[];
  /** Nodes that are being filled and will become replicas. */
  readonly joining: readonly NodeId[];
}

/** Who holds what. Replaced as a whole at each epoch, never changed in place. */
export interface ClusterMap {
  readonly epoch: number;
  /** N: how many replicas each partition should have. */
  readonly replication: number;
  readonly nodes: readonly MapNode[];
  /** By partition number; the length is the fixed number of partitions, a power of two. */
  readonly partitions: readonly PartitionEntry[];
}

/** Why a partition's replica changes hands. */
export type MoveCause = 'repair' | 'join' | 'leave' | 'drain' | 'load';

/** A precondition on a write: the key's current generation, or that it has none. */
export type Condition =
  | { readonly kind: 'none' }
  | { readonly kind: 'if-absent' }
  | { readonly kind: 'if-generation'; readonly generation: number };
