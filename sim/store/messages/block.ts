import type { Body, Message } from '../../host.ts';
import type { BlockRef } from '../model.ts';

/** What gateways ask of data nodes, and data nodes of each other. */

export interface ByteRange {
  readonly startBytes: number;
  readonly lengthBytes: number;
}

export type DataRequest =
  | {
      readonly kind: 'block.read';
      readonly key: string;
      readonly id: string;
      readonly partition: number;
      readonly range?: ByteRange | undefined;
      /** Whether the answer is to tell of the node's load. */
      readonly wantsLoad?: boolean | undefined;
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
  | {
      readonly kind: 'block.data';
      readonly body: Body;
      readonly checksum: number;
      readonly generation: number;
      /** If the read asked for it. */
      readonly load?: NodeLoad | undefined;
    }
  /** Durable. `existed`: the same content was here already. */
  | { readonly kind: 'block.stored'; readonly generation: number; readonly existed: boolean }
  | { readonly kind: 'block.deleted'; readonly existed: boolean }
  | { readonly kind: 'block.refused'; readonly refusal: DataRefusal; readonly epoch: number; readonly detail: string };

/** A data node's load, told with the answer to a read. */
export interface NodeLoad {
  readonly kind: 'answer';
  /** Requests that it has taken up and not answered, this one not counted. */
  readonly inFlight: number;
  /** From when it took this read up until it answered. */
  readonly serviceMs: number;
}

/** Asks a data node for its load; it is answered at once, before any request that is in progress. */
export interface ProbeRequest {
  readonly kind: 'block.probe';
}

export interface ProbeReply {
  readonly kind: 'block.load';
  readonly inFlight: number;
  /** What a read that comes now will take, by the latest ones that found the node about as busy; 0 while none is known. */
  readonly latencyMs: number;
}

export function isProbeRequest(message: Message): message is ProbeRequest {
  return message.kind === 'block.probe';
}

export function isProbeReply(message: Message): message is ProbeReply {
  return message.kind === 'block.load';
}

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
 * `absent` (not here), `corrupt` (failed its checksum: quarantined, reported, never returned), `io-error` (the disk could
 * not read it now; another replica may serve it, and this one later), `conflict` (the id
 * exists with other content), `stale-epoch` (fenced; see `epoch`), `generation` (ifGeneration did not match),
 * `bad-request` (malformed), `no-space` (507), `fenced` (its lease has run out), `overloaded`.
 */
export type DataRefusal =
  | 'absent'
  | 'corrupt'
  | 'io-error'
  | 'conflict'
  | 'stale-epoch'
  | 'generation'
  | 'bad-request'
  | 'no-space'
  | 'fenced'
  | 'overloaded';
