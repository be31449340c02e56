import type { Message, NodeId } from '../../host.ts';
import type { BlockRef, ClusterMap, Condition, ObjectVersion } from '../model.ts';
import type { AdminLosses, AdminPlanned, AdminState, AdminTraced } from './admin.ts';
import type { Heartbeat, NodeCommand, NodeDescription, NodeInventory, NodeLeave } from './node.ts';

/** What anybody asks of the metadata service, and what it answers. */

export type MetadataRequest =
  /** `staleWithinMs`: the state as it was at most so long before the answer will do. Else nothing acknowledged before is missing. */
  | { readonly kind: 'object.lookup'; readonly key: string; readonly staleWithinMs?: number | undefined }
  | {
      readonly kind: 'object.commit';
      readonly key: string;
      readonly sizeBytes: number;
      readonly blocks: readonly BlockRef[];
      /** By block: the replicas on which it is durable (at least W). */
      readonly acked: readonly (readonly NodeId[])[];
      readonly condition: Condition;
      /**
       * `<client>.<incarnation>.<counter>`, unique per logical write: a repeated commit gives the first one's answer. One
       * that comes so late that the answer was forgotten is refused with `object.conflict`, never carried out again.
       */
      readonly token: string;
      /** See {@link commitBytes}. */
      readonly controlBytes?: number | undefined;
    }
  /** A new version of `key` with the content of `from`, without moving a byte. Answered like a commit, or `object.missing`. */
  | {
      readonly kind: 'object.copy';
      readonly key: string;
      readonly from: string;
      readonly condition: Condition;
      readonly token: string;
    }
  | { readonly kind: 'object.delete'; readonly key: string; readonly condition: Condition; readonly token: string }
  /**
   * Items that begin with `prefix` and sort after `after`, `limit` at most. An item is a key, or, where the part of a key
   * after the prefix contains the delimiter, all of the key up to and with it: a common prefix, told once for its keys.
   */
  | {
      readonly kind: 'object.list';
      readonly prefix: string;
      readonly limit: number;
      readonly after: string;
      /** '' or absent: no grouping. */
      readonly delimiter?: string | undefined;
      /** Of the page that this one continues; the newest where absent. */
      readonly revision?: number | undefined;
    }
  /** Answered `map` if newer than `knownEpoch`, and the sender is told of later epochs by `map.changed`. */
  | { readonly kind: 'map.get'; readonly knownEpoch: number }
  /** Late acknowledgements: stragglers of writes that had been answered with fewer than all replicas. */
  | {
      readonly kind: 'blocks.confirmed';
      readonly confirmed: readonly { readonly id: string; readonly partition: number; readonly node: NodeId }[];
      /** See {@link confirmationBytes}. */
      readonly controlBytes?: number | undefined;
    }
  | { readonly kind: 'node.register'; readonly node: NodeDescription }
  | Heartbeat
  | NodeInventory
  | NodeLeave
  | HealthReport
  /** Graceful leave (all data moved away first) and the operator's changes. Refused unless `epoch` is current or 'any'. */
  | { readonly kind: 'admin.drain'; readonly node: NodeId; readonly epoch: number | 'any' }
  /** Takes back a drain: what has moved away comes again. */
  | { readonly kind: 'admin.undrain'; readonly node: NodeId; readonly epoch: number | 'any' }
  | { readonly kind: 'admin.weight'; readonly node: NodeId; readonly weight: number; readonly epoch: number | 'any' }
  /** Changes who keeps the log, one member at a time. A member to be added must be running and have asked to join. */
  | {
      readonly kind: 'admin.member';
      readonly change: 'add' | 'remove';
      readonly member: NodeId;
      readonly epoch: number | 'any';
    }
  /** Hands leadership of the log to another member. */
  | { readonly kind: 'admin.lead'; readonly to: NodeId; readonly epoch: number | 'any' }
  /** Stops or resumes what the leader begins by itself; what is under way goes on. */
  | {
      readonly kind: 'admin.pause';
      readonly what: PauseScope;
      readonly paused: boolean;
      readonly epoch: number | 'any';
    }
  /**
   * Has a data node, or all that are not down, verify every block now. Answered when that is ordered; an order is void when the
   * node's process ends before it has begun, or the leader's before the next heartbeat.
   */
  | { readonly kind: 'admin.scrub'; readonly node?: NodeId | undefined }
  /** What would move now, and what that would bring. Nothing changes. */
  | { readonly kind: 'admin.plan' }
  /** Why is it there? */
  | { readonly kind: 'admin.trace'; readonly key: string }
  | { readonly kind: 'admin.status' }
  /** What was stated to be lost. */
  | { readonly kind: 'admin.lost' };

/** What an operator may pause: `repair` stops refills and replacements of lost replicas, `rebalance` all other moves. */
export type PauseScope = 'rebalance' | 'repair' | 'all';

/** Requests that change nothing and need nothing but the state: any member answers them. */
export type ReadRequest = Extract<MetadataRequest, { kind: 'object.lookup' | 'object.list' | 'map.get' }>;

export function isReadRequest(request: MetadataRequest): request is ReadRequest {
  return request.kind === 'object.lookup' || request.kind === 'object.list' || request.kind === 'map.get';
}

/** Requests about the group that keeps the log, not about what the log says. */
export type GroupRequest = Extract<MetadataRequest, { kind: 'admin.member' | 'admin.lead' }>;

export function isGroupRequest(request: MetadataRequest): request is GroupRequest {
  return request.kind === 'admin.member' || request.kind === 'admin.lead';
}

export type MetadataReply =
  | { readonly kind: 'object.found'; readonly version: ObjectVersion }
  | { readonly kind: 'object.missing'; readonly key: string }
  | { readonly kind: 'object.committed'; readonly generation: number }
  | { readonly kind: 'object.deleted'; readonly generation: number; readonly existed: boolean }
  /** The condition did not hold: the key's generation now, 0 for none. */
  | { readonly kind: 'object.precondition-failed'; readonly generation: number }
  | {
      readonly kind: 'object.page';
      readonly entries: readonly ListEntry[];
      /** Common prefixes up to the delimiter, each once, in order. */
      readonly prefixes: readonly string[];
      /** The last item: where the next page begins, exclusive. Undefined if this was the last page. */
      readonly next: string | undefined;
      /** The state that the page shows: its continuation must ask for the same. */
      readonly revision: number;
      readonly controlBytes: number;
    }
  /** The revision asked for is kept no more: list from the start. */
  | { readonly kind: 'object.list-compacted'; readonly oldestRevision: number }
  /** Refused for good, and not carried out by this request: the upload, or the repetition, came too late. */
  | { readonly kind: 'object.conflict'; readonly detail: string }
  | { readonly kind: 'map'; readonly map: ClusterMap; readonly controlBytes: number }
  | { readonly kind: 'map.unchanged'; readonly epoch: number }
  | { readonly kind: 'blocks.noted' }
  | { readonly kind: 'node.registered'; readonly leaseMs: number; readonly heartbeatMs: number; readonly epoch: number }
  | {
      readonly kind: 'node.beat';
      readonly leaseMs: number;
      readonly epoch: number;
      readonly commands: readonly NodeCommand[];
      readonly controlBytes: number;
    }
  | { readonly kind: 'inventory.noted' }
  | { readonly kind: 'health.noted' }
  /** The wish to leave is noted. `left`: nothing here is needed any more, the node may stop. */
  | { readonly kind: 'node.leaving'; readonly left: boolean }
  /** The lease was lost or never given: register again. */
  | { readonly kind: 'node.unknown' }
  | { readonly kind: 'admin.done'; readonly epoch: number }
  | { readonly kind: 'admin.refused'; readonly detail: string }
  | AdminState
  | AdminPlanned
  | AdminTraced
  | AdminLosses
  | { readonly kind: 'metadata.not-leader'; readonly hint: NodeId | undefined }
  /** Not accepted, for sure: it changed nothing and never will. */
  | { readonly kind: 'metadata.unavailable'; readonly detail: string }
  /** Accepted and lost sight of: it may have been carried out, or may yet. Safe to repeat with the same token. */
  | { readonly kind: 'metadata.unknown'; readonly detail: string }
  | { readonly kind: 'metadata.bad-request'; readonly detail: string };

/** Size of a map on the wire, about: names in it are numbers there. */
export function mapBytes({ nodes, partitions, replication }: ClusterMap): number {
  return 64 * nodes.length + (4 + 2 * replication) * partitions.length;
}

const metadataReplyKinds: ReadonlySet<string> = new Set<MetadataReply['kind']>([
  'object.found',
  'object.missing',
  'object.committed',
  'object.deleted',
  'object.precondition-failed',
  'object.page',
  'object.list-compacted',
  'object.conflict',
  'map',
  'map.unchanged',
  'blocks.noted',
  'node.registered',
  'node.beat',
  'inventory.noted',
  'health.noted',
  'node.leaving',
  'node.unknown',
  'admin.done',
  'admin.refused',
  'admin.state',
  'admin.planned',
  'admin.traced',
  'admin.losses',
  'metadata.not-leader',
  'metadata.unavailable',
  'metadata.unknown',
  'metadata.bad-request',
]);

/** Whether a message is an answer of the metadata service, as far as its kind tells. */
export function isMetadataReply(message: Message): message is MetadataReply {
  return metadataReplyKinds.has(message.kind);
}

/** What a gateway saw of the data nodes in a window of about a second. Sent to the leader while there is traffic. */
export interface HealthReport {
  readonly kind: 'health.report';
  readonly windowMs: number;
  /** Of gets from arrival to answer; undefined if there were none. */
  readonly getP99Ms: number | undefined;
  readonly gets: number;
  readonly nodes: readonly NodeHealth[];
  readonly controlBytes: number;
}

/** A data node's attempts in the window. */
export interface NodeHealth {
  readonly node: NodeId;
  readonly attempts: number;
  /** Attempts that failed, timeouts among them; refusals that are the request's own fault don't count. */
  readonly failures: number;
  readonly timeouts: number;
  /** Median latency of those that succeeded; 0 if none did. */
  readonly p50Ms: number;
}

export interface ListEntry {
  readonly key: string;
  readonly generation: number;
  readonly sizeBytes: number;
}

/** One-way, metadata → whoever asked for the map. */
export interface MapChanged extends Message {
  readonly kind: 'map.changed';
  readonly epoch: number;
}

export function isMapChanged(message: Message): message is MapChanged {
  return message.kind === 'map.changed';
}

/** Size on the wire of a commit's blocks and acknowledgements: ids as text, nodes as numbers. */
export function commitBytes(blocks: readonly BlockRef[], acked: readonly (readonly NodeId[])[]): number {
  let bytes = 0;
  for (const block of blocks) bytes += block.id.length + 16;
  for (const nodes of acked) bytes += 4 * nodes.length;
  return bytes;
}

/** Size on the wire of late acknowledgements. */
export function confirmationBytes(confirmed: readonly { readonly id: string }[]): number {
  let bytes = 0;
  for (const { id } of confirmed) bytes += id.length + 8;
  return bytes;
}
