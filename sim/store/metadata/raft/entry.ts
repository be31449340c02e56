import type { NodeId } from '../../../host.ts';

/** Who keeps the log. Learners are given it and count for nothing: neither votes nor acknowledgements (Ongaro's thesis, 2014, §4.2.1). */
export interface Membership {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/**
 * At most one voter more or one less: then any majority before overlaps any majority after (Ongaro's thesis, §4.1).
 * `admit`: a learner joins, in the place of another member if `replaces` names one. `add`: it becomes a voter.
 */
export type MembershipChange =
  | { readonly op: 'admit'; readonly node: NodeId; readonly replaces?: NodeId | undefined }
  | { readonly op: 'add' | 'remove'; readonly node: NodeId };

/** What an entry carries. A new leader appends an `empty` one, for only entries of its own term commit by counting. */
export type Payload =
  | { readonly kind: 'empty' }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'membership'; readonly change: MembershipChange };

/** Index and term together name an entry: two logs that share one are equal up to there. */
export interface Entry {
  /** From 1, without gaps. */
  readonly index: number;
  readonly term: number;
  readonly payload: Payload;
}

/** What must be durable before anybody hears of it. `commit` may lag: the leader will tell again. */
export interface HardState {
  readonly term: number;
  readonly vote: NodeId | undefined;
  readonly commit: number;
}

/** The place in the log that a snapshot stands for, and who the members were there. */
export interface SnapshotPoint extends Membership {
  readonly index: number;
  readonly term: number;
}

/** All that the log did up to a point, as the state machine's own texts. */
export interface Snapshot extends SnapshotPoint {
  readonly records: readonly string[];
}

const entryOverheadBytes = 24;

/** What an entry costs on the wire, in bytes. */
export function entryBytes(entry: Entry): number {
  return entryOverheadBytes + (entry.payload.kind === 'command' ? entry.payload.text.length : 0);
}

/** Members after a change, ascending. A change that leaves no voter has no effect. */
export function changedMembership(before: Membership, change: MembershipChange): Membership {
  const { op, node } = change;
  const gone = op === 'admit' ? change.replaces : node;
  const voters = before.voters.filter((voter) => voter !== gone);
  const learners = before.learners.filter((learner) => learner !== gone);
  if (op === 'add') voters.push(node);
  if (op === 'admit' && !voters.includes(node) && !learners.includes(node)) learners.push(node);
  if (voters.length === 0) return before;
  return { voters: sortedNodes(voters), learners: sortedNodes(learners) };
}

/** Node names, ascending by code unit. */
export function sortedNodes(nodes: readonly NodeId[]): readonly NodeId[] {
  return [...nodes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
