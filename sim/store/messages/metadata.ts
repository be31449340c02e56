import type { Message, NodeId } from '../../host.ts';
import type { BlockRef, ClusterMap, Condition, ObjectVersion } from '../model.ts';
import type { Heartbeat, NodeCommand, NodeDescription } from './node.ts';

/** What anybody asks of the metadata service, and what it answers. */

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
