import type { NodeId } from '../../../host.ts';

/** One voter more or one less: any majority before overlaps any majority after (Ongaro's thesis, 2014, §4.1). */
export interface MembershipChange {
  readonly op: 'add' | 'remove';
  readonly node: NodeId;
}

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

/** The place in the log that a snapshot stands for, and who the voters were there. */
export interface SnapshotPoint {
  readonly index: number;
  readonly term: number;
  readonly voters: readonly NodeId[];
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

/** Voters after a change, ascending. A change that leaves nobody has no effect. */
export function changedVoters(voters: readonly NodeId[], change: MembershipChange): readonly NodeId[] {
  const others = voters.filter((voter) => voter !== change.node);
  const changed = change.op === 'add' ? [...others, change.node] : others;
  return changed.length === 0 ? voters : sortedNodes(changed);
}

/** Node names, ascending by code unit. */
export function sortedNodes(nodes: readonly NodeId[]): readonly NodeId[] {
  return [...nodes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
