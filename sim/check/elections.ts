import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { type Check, Tally } from './check.ts';

/** A member of the metadata group changed its term, vote or role. */
export type RaftState = Extract<StoreEvent, { kind: 'raft-state' }>;

/** A member carried out a change of the group's members. */
export type RaftMembers = Extract<StoreEvent, { kind: 'raft-members' }>;

/** Terms whose leaders are remembered: the newest. */
const REMEMBERED = 4_096;

/** I5: election safety and leader completeness (Ongaro and Ousterhout 2014, figure 3), and what they rest on. */
export class ElectionsCheck implements Check {
  readonly id = 'I5';
  readonly statement =
    'At most one leader a term; no member goes back in its term or votes twice in one, across restarts; a leader holds all committed entries, and changes the members one at a time.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #leaders = new Map<number, NodeId>();
  /** By the name under which they vote, which outlives their processes but not their disks. */
  readonly #members = new Map<NodeId, { term: number; vote: NodeId }>();

  /** By leader: its term, and the end of its log when it carried out the last change of members. */
  readonly #changes = new Map<NodeId, { term: number; lastIndex: number }>();

  /** `committed`: the newest entry that any member had applied by then. */
  onState(
    event: RaftState,
    node: NodeId,
    committed: { readonly index: number; readonly term: number },
    nowMs: number,
  ): void {
    const { term, vote, role, lastIndex, lastTerm, member } = event;
    const witness = { timeMs: nowMs, node, event: 'raft-state' };
    const before = this.#members.get(member);
    if (before !== undefined && term < before.term) {
      const from = before.term;
      this.#tally.fail((at) => `${at(nowMs)}: ${member} went back from term ${from} to ${term}`, witness);
    } else if (before !== undefined && term === before.term && before.vote !== '' && vote !== before.vote) {
      const first = before.vote;
      this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${member} voted for ${first} in term ${term}, and then ${vote === '' ? 'for nobody' : `for ${vote}`}`,
        witness,
      );
    } else {
      this.#tally.pass();
    }
    this.#members.set(member, { term, vote });
    if (role !== 'leader') return;
    this.onLeader(term, node, nowMs);
    if (lastIndex >= committed.index && lastTerm >= committed.term) return this.#tally.pass();
    this.#tally.fail(
      (at) =>
        `${at(nowMs)}: ${node} leads term ${term} with a log up to entry ${lastIndex} of term ${lastTerm}; entry ${committed.index} of term ${committed.term} was committed`,
      witness,
    );
  }

  /**
   * A change of members was carried out. A leader takes the next one into its log only after that: what stood in its log by
   * then was taken while this one was open, and their majorities need not overlap (Ongaro's thesis, 2014, §4.1).
   */
  onMembers({ index, lastIndex, term }: RaftMembers, node: NodeId, nowMs: number): void {
    if (term === 0) return;
    const before = this.#changes.get(node);
    this.#changes.set(node, { term, lastIndex });
    if (before === undefined || before.term !== term || index > before.lastIndex) return this.#tally.pass();
    this.#tally.fail(
      (at) => `${at(nowMs)}: ${node} began the change of members at entry ${index} while the one before it was open`,
      { timeMs: nowMs, node, event: 'raft-members' },
    );
  }

  /** A node says that it leads. */
  onLeader(term: number, node: NodeId, nowMs: number): void {
    const other = this.#leaders.get(term);
    if (other === undefined) {
      this.#leaders.set(term, node);
      if (this.#leaders.size > REMEMBERED) this.#leaders.delete(term - REMEMBERED);
    }
    if (other === undefined || other === node) return this.#tally.pass();
    this.#tally.fail((at) => `${at(nowMs)}: ${node} leads term ${term}, and so did ${other}`, {
      timeMs: nowMs,
      node,
      event: 'election',
    });
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} changes of members`, 'there was no election', originMs);
  }
}
