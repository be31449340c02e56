import type { Body, Message, NodeId } from '../host.ts';
import type { BlockRef, ClusterMap, Condition, MoveCause, ObjectVersion } from './model.ts';

/**
 * All that the components say to each other. Discriminated unions on `kind`, one for the requests that each
 * component serves and one for the answers it gives. Nothing in a message is ever mutated after it was sent.
 */

// ── client → gateway ──────────────────────────────────────────────────────────────────────────────────────

export type GatewayRequest =
  | {
      readonly kind: 'gateway.get';
      readonly key: string;
      readonly block: BlockRef;
      /** Byte range of the declared size; the whole block where absent. */
      readonly range?: ByteRange | undefined;
      readonly epoch: number;
    }
  | {
      readonly kind: 'gateway.put';
      readonly key: string;
      readonly block: BlockRef;
      readonly epoch: number;
      readonly body: Body;
    };

/** Whether a message is a request to a gateway, as far as its kind tells. */
export function isGatewayRequest(message: Message): message is GatewayRequest {
  return message.kind === 'gateway.get' || message.kind === 'gateway.put';
}

export interface ByteRange {
  readonly startBytes: number;
  readonly lengthBytes: number;
}

export type GatewayReply =
  | {
      readonly kind: 'gateway.data';
      readonly body: Body;
      readonly checksum: number;
      readonly served: NodeId;
      readonly attempts: number;
      readonly epoch: number;
    }
  /** Durable on at least W replicas: `acked`, at the time of the answer. */
  | {
      readonly kind: 'gateway.stored';
      readonly acked: readonly NodeId[];
      readonly epoch: number;
      readonly attempts: number;
    }
  | {
      readonly kind: 'gateway.error';
      readonly error: GatewayError;
      readonly retryAfterMs?: number | undefined;
      readonly attempts: number;
      readonly epoch: number;
    };

/** Whether a message is a gateway's answer, as far as its kind tells. */
export function isGatewayReply(message: Message): message is GatewayReply {
  return message.kind === 'gateway.data' || message.kind === 'gateway.stored' || message.kind === 'gateway.error';
}

/**
 * `unavailable` (503: no backend), `overloaded` (503: shed, or over a limit), `timeout` (504), `bad-gateway`
 * (502: every replica that was tried failed), `absent` (404: no replica has the block), `no-space` (507),
 * `bad-request` (400).
 */
export type GatewayError =
  | 'unavailable'
  | 'overloaded'
  | 'timeout'
  | 'bad-gateway'
  | 'absent'
  | 'no-space'
  | 'bad-request';

// ── gateway → data node, data node → data node ────────────────────────────────────────────────────────────

export type DataRequest =
  | {
      readonly kind: 'block.read';
      readonly key: string;
      readonly id: string;
      readonly partition: number;
      readonly range?: ByteRange | undefined;
    }
  | {
      readonly kind: 'block.add';
      readonly key: string;
      readonly block: BlockRef;
      readonly epoch: number;
      readonly body: Body;
    }
  /** New content for an existing id, if its generation (1 at add, one more per update) is the expected one. */
  | {
      readonly kind: 'block.update';
      readonly block: BlockRef;
      readonly ifGeneration: number;
      readonly epoch: number;
      readonly body: Body;
    }
  | { readonly kind: 'block.delete'; readonly id: string; readonly partition: number; readonly epoch: number }
  /** A repair or move reads from a verified copy; `low` priority work beside client reads. */
  | { readonly kind: 'block.copy'; readonly id: string; readonly partition: number };

export type DataReply =
  | { readonly kind: 'block.data'; readonly body: Body; readonly checksum: number; readonly generation: number }
  /** Durable. `existed`: the same content was here already. */
  | { readonly kind: 'block.stored'; readonly generation: number; readonly existed: boolean }
  | { readonly kind: 'block.deleted'; readonly existed: boolean }
  | { readonly kind: 'block.refused'; readonly refusal: DataRefusal; readonly epoch: number; readonly detail: string };

/** Whether a message is a data node's answer, as far as its kind tells. */
export function isDataReply(message: Message): message is DataReply {
  return (
    message.kind === 'block.data' ||
    message.kind === 'block.stored' ||
    message.kind === 'block.deleted' ||
    message.kind === 'block.refused'
  );
}

/**
 * `absent` (not here), `corrupt` (failed its checksum: quarantined, reported, never returned), `conflict` (the id
 * exists with other content), `stale-epoch` (fenced; see `epoch`), `generation` (ifGeneration did not match),
 * `bad-request` (malformed), `no-space` (507), `fenced` (its lease has run out), `overloaded`.
 */
export type DataRefusal =
  | 'absent'
  | 'corrupt'
  | 'conflict'
  | 'stale-epoch'
  | 'generation'
  | 'bad-request'
  | 'no-space'
  | 'fenced'
  | 'overloaded';

// ── data node → metadata ──────────────────────────────────────────────────────────────────────────────────

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
  readonly diskErrors: number;
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
    }
  /** The node is no longer an owner: all of the partition's blocks may go. */
  | { readonly kind: 'drop-partition'; readonly commandId: number; readonly partition: number; readonly epoch: number };

// ── anyone → metadata ─────────────────────────────────────────────────────────────────────────────────────

export type MetadataRequest =
  | { readonly kind: 'object.lookup'; readonly key: string }
  | {
      readonly kind: 'object.commit';
      readonly key: string;
      readonly sizeBytes: number;
      readonly blocks: readonly BlockRef[];
      /** By block: the replicas on which it is durable (at least W). */
      readonly acked: readonly (readonly NodeId[])[];
      readonly condition: Condition;
      /** Unique per logical write: a repeated commit gives the first one's answer. */
      readonly token: string;
    }
  | { readonly kind: 'object.delete'; readonly key: string; readonly condition: Condition; readonly token: string }
  | { readonly kind: 'object.list'; readonly prefix: string; readonly limit: number; readonly after: string }
  /** Answered `map` if newer than `knownEpoch`, and the sender is told of later epochs by `map.changed`. */
  | { readonly kind: 'map.get'; readonly knownEpoch: number }
  /** Late acknowledgements: stragglers of writes that had been answered with fewer than all replicas. */
  | {
      readonly kind: 'blocks.confirmed';
      readonly confirmed: readonly { readonly id: string; readonly partition: number; readonly node: NodeId }[];
    }
  | { readonly kind: 'node.register'; readonly node: NodeDescription }
  | Heartbeat
  /** Graceful leave (all data moved away first) and the operator's changes. Refused unless `epoch` is current or 'any'. */
  | { readonly kind: 'admin.drain'; readonly node: NodeId; readonly epoch: number | 'any' }
  | { readonly kind: 'admin.weight'; readonly node: NodeId; readonly weight: number; readonly epoch: number | 'any' }
  | { readonly kind: 'admin.status' };

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
      readonly next: string | undefined;
      readonly revision: number;
      readonly controlBytes: number;
    }
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
  /** The lease was lost or never given: register again. */
  | { readonly kind: 'node.unknown' }
  | { readonly kind: 'admin.done'; readonly epoch: number }
  | { readonly kind: 'admin.refused'; readonly detail: string }
  | {
      readonly kind: 'admin.state';
      readonly map: ClusterMap;
      readonly objects: number;
      readonly openMoves: number;
      readonly controlBytes: number;
    }
  | { readonly kind: 'metadata.not-leader'; readonly hint: NodeId | undefined }
  | { readonly kind: 'metadata.unavailable'; readonly detail: string }
  | { readonly kind: 'metadata.bad-request'; readonly detail: string };

const metadataReplyKinds: ReadonlySet<string> = new Set<MetadataReply['kind']>([
  'object.found',
  'object.missing',
  'object.committed',
  'object.deleted',
  'object.precondition-failed',
  'object.page',
  'map',
  'map.unchanged',
  'blocks.noted',
  'node.registered',
  'node.beat',
  'node.unknown',
  'admin.done',
  'admin.refused',
  'admin.state',
  'metadata.not-leader',
  'metadata.unavailable',
  'metadata.bad-request',
]);

/** Whether a message is an answer of the metadata service, as far as its kind tells. */
export function isMetadataReply(message: Message): message is MetadataReply {
  return metadataReplyKinds.has(message.kind);
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
