import type { NodeId } from '../host.ts';
import type { ClusterMap, Liveness, Membership, MoveCause } from './model.ts';

/**
 * What the components tell the recorder and the checks through `host.trace`. The store works the same
 * whether or not anybody listens; nothing here feeds back.
 */
export type StoreEvent =
  /** A client operation ended. */
  | {
      readonly kind: 'operation';
      readonly op: 'get' | 'put' | 'head' | 'delete' | 'list';
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
      /** Attempts of the client at the step (a block, a question to metadata) that took most, 1 or more. */
      readonly attempts: number;
      /** '' when ok. */
      readonly error: string;
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
  | { readonly kind: 'election'; readonly term: number; readonly leader: NodeId };
