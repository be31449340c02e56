import type { NodeId } from '../../../host.ts';
import type { PauseScope } from '../../messages/metadata.ts';
import type { NodeDescription } from '../../messages/node.ts';
import type { BlockRef, Condition, Fullness, Liveness, Membership, MoveCause } from '../../model.ts';

/** A block in its partition. */
export interface BlockAt {
  readonly id: string;
  readonly partition: number;
}

/** A replica that is to change hands: `from` stays an owner until `to` has all that it has. */
export interface Move {
  readonly transferId: number;
  readonly partition: number;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly cause: MoveCause;
  readonly why: string;
}

/** How an open move ends. */
export interface MoveEnd {
  readonly transferId: number;
  readonly outcome: 'done' | 'cancelled' | 'failed';
  readonly why: string;
  /** What it copied, for the record. */
  readonly blocks: number;
  readonly bytes: number;
}

/** What is the same in all commands. */
interface At {
  /** Cluster time of the leader when it proposed: see cluster-clock.ts. */
  readonly atMs: number;
}

/** All that can change the metadata: what stands in the log. Plain data that survives JSON unchanged. */
export type Command = At &
  (
    | {
        readonly kind: 'object.commit';
        readonly key: string;
        readonly sizeBytes: number;
        readonly blocks: readonly BlockRef[];
        readonly acked: readonly (readonly NodeId[])[];
        readonly condition: Condition;
        readonly token: string;
      }
    | {
        readonly kind: 'object.copy';
        readonly key: string;
        readonly from: string;
        readonly condition: Condition;
        readonly token: string;
      }
    | { readonly kind: 'object.delete'; readonly key: string; readonly condition: Condition; readonly token: string }
    /** Late acknowledgements of writes. */
    | { readonly kind: 'blocks.confirm'; readonly confirmed: readonly (BlockAt & { readonly node: NodeId })[] }
    /** What a node says of its own blocks: verified copies, corrupt ones, partitions that it has dropped. */
    | {
        readonly kind: 'node.report';
        readonly node: NodeId;
        readonly held: readonly BlockAt[];
        readonly lacking: readonly BlockAt[];
        readonly dropped: readonly number[];
      }
    | { readonly kind: 'blocks.lost'; readonly blocks: readonly BlockAt[] }
    /** Deleted on every holder. */
    | { readonly kind: 'garbage.collected'; readonly blocks: readonly BlockAt[] }
    /**
     * What nodes hold and should not: blocks that no object refers to and that are older than any upload, and whole copies
     * of partitions that were never theirs to hold, or are no more.
     */
    | {
        readonly kind: 'orphans.condemn';
        readonly blocks: readonly BlockAt[];
        readonly strays: readonly { readonly partition: number; readonly node: NodeId }[];
      }
    | {
        readonly kind: 'planning.pause';
        readonly what: PauseScope;
        readonly paused: boolean;
        readonly epoch: number | 'any';
      }
    /** `knownDisk` is the disk that the leader took the node to have, '' for none: a registration that overtook this one refuses it. */
    | {
        readonly kind: 'node.register';
        readonly node: NodeDescription;
        readonly knownDisk: string;
        readonly liveness: Liveness;
      }
    | { readonly kind: 'nodes.liveness'; readonly changes: readonly LivenessChange[] }
    | { readonly kind: 'nodes.condition'; readonly changes: readonly ConditionChange[] }
    | {
        readonly kind: 'node.membership';
        readonly node: NodeId;
        readonly membership: Membership;
        readonly why: string;
        readonly epoch: number | 'any';
      }
    | { readonly kind: 'node.weight'; readonly node: NodeId; readonly weight: number; readonly epoch: number | 'any' }
    /** A node that is down is given up for now: placement no longer counts on it. */
    | { readonly kind: 'node.replace'; readonly node: NodeId }
    | { readonly kind: 'map.create'; readonly owners: readonly (readonly NodeId[])[] }
    /** All that one round of planning changes, so that it makes one epoch. */
    | {
        readonly kind: 'moves.change';
        readonly begin: readonly Move[];
        readonly end: readonly MoveEnd[];
        /** Former owners that may now be told to drop their copy. */
        readonly drop: readonly { readonly partition: number; readonly node: NodeId }[];
      }
  );

export type CommandOf<Kind extends Command['kind']> = Extract<Command, { readonly kind: Kind }>;

/** What the failure detector found; void if the node has registered again since. */
export interface LivenessChange {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly liveness: Liveness;
  readonly why: string;
  /** Of a node that is down now: how often it has gone down of late, this time included. */
  readonly falls?: number | undefined;
}

/** How a node does besides being alive; void if the node has registered again since. */
export type ConditionChange = {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly why: string;
} & ({ readonly about: 'gray'; readonly gray: boolean } | { readonly about: 'fullness'; readonly fullness: Fullness });

/** What a command led to; those of objects are answers to clients as they stand. */
export type CommandResult =
  | { readonly kind: 'object.committed'; readonly generation: number }
  | { readonly kind: 'object.deleted'; readonly generation: number; readonly existed: boolean }
  | { readonly kind: 'object.precondition-failed'; readonly generation: number }
  | { readonly kind: 'object.missing'; readonly key: string }
  | { readonly kind: 'object.conflict'; readonly detail: string }
  | { readonly kind: 'done' }
  /** The blocks among those of the command that are condemned now; the others were committed meanwhile. */
  | { readonly kind: 'condemned'; readonly blocks: readonly BlockAt[] }
  /** The moves among those of the command that began and ended; the others no longer fitted. */
  | { readonly kind: 'moves'; readonly begun: readonly Move[]; readonly ended: readonly MoveEnd[] }
  | { readonly kind: 'refused'; readonly detail: string };
