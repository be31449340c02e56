import type { NodeId } from '../host.ts';
import type { ClusterMap, Condition, Liveness, Membership, MoveCause } from './model.ts';

/**
 * What the components tell the recorder and the checks through `host.trace`. The store works the same
 * whether or not anybody listens; nothing here feeds back.
 */
export type StoreEvent =
  /** A client operation ended. */
  | {
      readonly kind: 'operation';
      readonly op: 'get' | 'put' | 'head' | 'delete' | 'list' | 'copy';
      /** Of a list its prefix, of a copy the new key. */
      readonly key: string;
      readonly status: 'ok' | 'failed' | 'unknown';
      /** Reads of a key that is not there are `ok` with this set. */
      readonly missing: boolean;
      /** When the client was called, on the monotonic clock of its host. */
      readonly startedMs: number;
      /** From the call to the answer. */
      readonly latencyMs: number;
      readonly sizeBytes: number;
      /**
       * Of the version that was read, written or (for a delete) of the tombstone; 0 where there is none. So a write that
       * is `ok` with generation 0 changed nothing: its condition did not hold, or there was nothing to delete.
       */
      readonly generation: number;
      /**
       * CRC32C of the whole object's real bytes: as received by a get, as sent by a put, unless its condition did not
       * hold; 0 for ranges and operations without a body.
       */
      readonly checksum: number;
      /** Attempts of the client at the block that took most, through gateways: within its settings. 0 if it sent for none. */
      readonly attempts: number;
      /**
       * How often it asked members of metadata the question that took most: as often as time and the retry budget allow, for
       * that is how the leader is found. 0 if what it remembered would do.
       */
      readonly metadataAttempts: number;
      /** '' when ok. */
      readonly error: string;
      /** Of a write that was to depend on the key's state. */
      readonly condition?: Condition | undefined;
      /** Of a copy: the key whose newest version was copied, at the moment of the copy. */
      readonly from?: string | undefined;
      /** What a list gave: a page, in the order of keys. */
      readonly listing?: Listing | undefined;
    }
  /** A data node answered a request for a client (not copies between nodes). */
  | {
      readonly kind: 'served';
      readonly op: 'read' | 'write';
      readonly key: string;
      readonly partition: number;
      readonly sizeBytes: number;
      readonly ok: boolean;
    }
  /** A gateway ended one attempt at a data node. */
  | {
      readonly kind: 'attempt';
      readonly backend: NodeId;
      readonly partition: number;
      readonly outcome: 'ok' | 'failed' | 'timeout' | 'cancelled';
      readonly latencyMs: number;
      readonly retry: boolean;
    }
  /** Metadata installed a new epoch. */
  | { readonly kind: 'epoch'; readonly map: ClusterMap; readonly why: string }
  | {
      readonly kind: 'node-state';
      readonly node: NodeId;
      readonly liveness: Liveness;
      readonly membership: Membership;
      readonly why: string;
    }
  /** A replica is known to lack committed blocks (after the grace for stragglers), or has them all again. */
  | { readonly kind: 'replica'; readonly partition: number; readonly node: NodeId; readonly complete: boolean }
  | {
      readonly kind: 'move-started';
      readonly transferId: number;
      readonly cause: MoveCause;
      readonly partition: number;
      readonly from: NodeId;
      readonly to: NodeId;
      readonly blocks: number;
      readonly why: string;
    }
  | {
      readonly kind: 'move-ended';
      readonly transferId: number;
      readonly outcome: 'done' | 'cancelled' | 'failed';
      readonly bytes: number;
      readonly blocks: number;
      readonly why: string;
    }
  /** Body bytes of a repair or move arrived at a data node. */
  | {
      readonly kind: 'copied';
      readonly transferId: number;
      readonly cause: MoveCause;
      readonly partition: number;
      readonly from: NodeId;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'decision';
      readonly by: string;
      readonly subject: string;
      readonly chose: string;
      readonly why: string;
      readonly rejected: readonly { readonly option: string; readonly why: string }[];
    }
  | {
      readonly kind: 'corruption';
      readonly id: string;
      readonly partition: number;
      readonly found: 'read' | 'copy' | 'start' | 'scrub';
    }
  /** No replica holds a committed block any more: stated, never silent. */
  | { readonly kind: 'lost'; readonly id: string; readonly partition: number }
  | { readonly kind: 'election'; readonly term: number; readonly leader: NodeId }
  /** A member of the metadata group changed its term, vote or role (Raft, figure 2); told when the change is durable. */
  | {
      readonly kind: 'raft-state';
      readonly term: number;
      /** '' for none. */
      readonly vote: NodeId;
      readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
      readonly lastIndex: number;
      readonly lastTerm: number;
      /** Under which name it votes: a node that has lost its disk comes back under another, and its terms begin anew. */
      readonly member: NodeId;
    }
  /** A member applied a committed entry. `term`: 0 in a log of one member. `digest`: of the entry's bytes, the same on all members. */
  | { readonly kind: 'raft-applied'; readonly index: number; readonly term: number; readonly digest: number }
  /** A member took a snapshot in place of its log up to `index`. */
  | { readonly kind: 'raft-snapshot'; readonly index: number; readonly term: number }
  /** A member carried out the change of the group's members that stands at `index`, with a log up to `lastIndex`. `term`: the one in which it leads, 0 if it does not. */
  | { readonly kind: 'raft-members'; readonly index: number; readonly lastIndex: number; readonly term: number }
  /** A data node's lease as it takes it to be: until `untilMs` on its host's monotonic clock, 0 when it gave it up. */
  | { readonly kind: 'lease'; readonly untilMs: number }
  /** The metadata leader took a node's lease to have run out, and acts on that. */
  | { readonly kind: 'lease-revoked'; readonly node: NodeId; readonly incarnation: number; readonly term: number }
  /** A data node made a write durable. `writerEpoch`: of the map by which it was routed; `nodeEpoch`: the newest that the node knew. */
  | {
      readonly kind: 'block-accepted';
      readonly id: string;
      readonly partition: number;
      readonly generation: number;
      readonly checksum: number;
      readonly writerEpoch: number;
      readonly nodeEpoch: number;
    }
  /** A block is gone from a data node. */
  | {
      readonly kind: 'block-removed';
      readonly id: string;
      readonly partition: number;
      readonly why: 'deleted' | 'orphan' | 'dropped' | 'quarantined';
    }
  /**
   * A process installed a map. `via`: told by a push, by an answer that called its map stale, or by asking in time. `map`: what
   * it installed, where that is more than the number of the epoch.
   */
  | {
      readonly kind: 'map-seen';
      readonly epoch: number;
      readonly via: 'push' | 'stale-answer' | 'refresh';
      readonly map?: ClusterMap;
    }
  /** A data node looked through all its blocks once. */
  | { readonly kind: 'scrub-pass'; readonly blocks: number; readonly corrupt: number };

/** One page of a list, as a client got it: the keys' state at one revision. */
export interface Listing {
  readonly prefix: string;
  /** '' for none: no grouping. */
  readonly delimiter: string;
  /** Only what sorts after it; '' from the start. */
  readonly after: string;
  readonly limit: number;
  /** Of the metadata state that it shows. */
  readonly revision: number;
  readonly entries: readonly { readonly key: string; readonly generation: number }[];
  /** Common prefixes up to the delimiter, each once, in order. */
  readonly prefixes: readonly string[];
  /** Whether there is more after this page. */
  readonly more: boolean;
}
