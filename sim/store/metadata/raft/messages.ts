import type { Message, NodeId } from '../../../host.ts';
import { type Entry, entryBytes, type Membership, type Snapshot } from './entry.ts';

/** Who says it to whom, and the sender's term: for a request for a pre-vote, the term that it would campaign in. */
export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: number;
}

/** All that the members say to each other. */
export type RaftBody =
  /** `pre`: would you vote for me? Asked before the term is raised. `transfer`: the leader itself wants this election. */
  | {
      readonly kind: 'raft.vote';
      readonly pre: boolean;
      readonly transfer: boolean;
      readonly lastIndex: number;
      readonly lastTerm: number;
    }
  | { readonly kind: 'raft.vote-reply'; readonly pre: boolean; readonly granted: boolean }
  | {
      readonly kind: 'raft.append';
      readonly prevIndex: number;
      readonly prevTerm: number;
      readonly commit: number;
      readonly entries: readonly Entry[];
    }
  /** The sender's durable log agrees with the leader's up to `index`. */
  | { readonly kind: 'raft.append-accepted'; readonly index: number }
  /** It lacks `index`; the highest place where the logs may agree is `hintIndex`, of `hintTerm` (0: unknown). */
  | {
      readonly kind: 'raft.append-refused';
      readonly index: number;
      readonly hintIndex: number;
      readonly hintTerm: number;
    }
  | { readonly kind: 'raft.heartbeat'; readonly commit: number; readonly readRound: number }
  | { readonly kind: 'raft.heartbeat-reply'; readonly readRound: number }
  | { readonly kind: 'raft.snapshot'; readonly snapshot: Snapshot }
  /** Campaign at once: leadership is handed over. */
  | { readonly kind: 'raft.timeout-now' }
  /** A follower asks up to which index it must have applied before it may answer a read. */
  | { readonly kind: 'raft.read'; readonly read: number }
  | { readonly kind: 'raft.read-reply'; readonly read: number; readonly index: number };

export type RaftMessage = Envelope & RaftBody;

/** One kind of message. */
export type RaftMessageOf<Kind extends RaftBody['kind']> = Extract<RaftMessage, { readonly kind: Kind }>;

/** A node without memory asks to be given the log. Says nothing of terms, for it knows none. */
export interface JoinRequest extends Message {
  readonly kind: 'raft.join';
  readonly member: NodeId;
}

export function isJoinRequest(message: Message): message is JoinRequest {
  return message.kind === 'raft.join';
}

/** Some records of a snapshot that is on its way, as a call: an answer asks for the next. */
export interface SnapshotPart extends Message, Envelope, Membership {
  readonly kind: 'raft.part';
  /** The place in the log that the snapshot stands for; the envelope's term is the sender's. */
  readonly index: number;
  readonly pointTerm: number;
  /** How many records come before these. */
  readonly position: number;
  readonly records: readonly string[];
  readonly last: boolean;
}

export function isSnapshotPart(message: Message): message is SnapshotPart {
  return message.kind === 'raft.part';
}

/** Which record is wanted next: after a restart of the receiver the first again. `undefined`: no snapshot is wanted at all. */
export interface PartTaken extends Message {
  readonly kind: 'raft.part-taken';
  readonly next: number | undefined;
}

export function isPartTaken(message: Message): message is PartTaken {
  return message.kind === 'raft.part-taken';
}

/** Whether a message is one between members, as far as its kind tells. */
export function isRaftMessage(message: Message): message is RaftMessage {
  return message.kind.startsWith('raft.');
}

/** Promises that rest on what the sender has on disk: to be sent only once that is durable. */
export function isPromise(body: RaftBody): boolean {
  return body.kind === 'raft.vote-reply' || body.kind === 'raft.append-accepted' || body.kind === 'raft.append-refused';
}

/**
 * A leader may replicate while it writes to its own disk: it counts itself only when that is done (Ongaro's thesis,
 * §10.2.1).
 */
export function mayPrecedeSync(message: RaftMessage): boolean {
  return message.kind === 'raft.append' || message.kind === 'raft.heartbeat' || message.kind === 'raft.snapshot';
}

/** What a message costs beside the network's fixed header. */
export function messageBytes(message: RaftMessage): number {
  let bytes = 32;
  if (message.kind === 'raft.append') for (const entry of message.entries) bytes += entryBytes(entry);
  if (message.kind === 'raft.snapshot') for (const record of message.snapshot.records) bytes += record.length;
  return bytes;
}
