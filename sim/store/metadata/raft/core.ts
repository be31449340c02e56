import type { NodeId } from '../../../host.ts';
import { Candidate } from './candidate.ts';
import {
  changedMembership,
  type Entry,
  type HardState,
  type Membership,
  type MembershipChange,
  type Payload,
  type Snapshot,
} from './entry.ts';
import { Follower } from './follower.ts';
import { Leader, type Refusal } from './leader.ts';
import { Member, type MemberStart, type ReadableAt, type Roles, type SnapshotSource } from './member.ts';
import type { RaftMessage } from './messages.ts';
import type { Progress } from './progress.ts';
import type { RoleName } from './role.ts';
import { checkRaftSettings, type Draw, type RaftSettings } from './settings.ts';

/** Who leads, and what this member does about it. */
export interface Leadership {
  readonly role: RoleName;
  readonly leader: NodeId | undefined;
  readonly term: number;
}

/**
 * What is to be done, in this order: write `hardState`, `snapshot` and `entries` (which replace whatever the disk has
 * from the first of them on) and sync if `mustSync`; send `messages`; restore `snapshot`; apply `committed`.
 */
export interface Ready {
  /** Present where it differs from that of the last Ready. */
  readonly leadership: Leadership | undefined;
  /** Present where it differs from that of the last Ready. */
  readonly hardState: HardState | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly entries: readonly Entry[];
  readonly committed: readonly Entry[];
  readonly messages: readonly RaftMessage[];
  readonly readable: readonly ReadableAt[];
  readonly mustSync: boolean;
}

/**
 * One member of a Raft group without any input or output of its own (Ongaro and Ousterhout, 2014; Ongaro's thesis, 2014).
 * Ticks, messages and proposals go in; `ready` says what to write, send and apply; `advance` reports that it is
 * done. Between the two everything but `ready` may be called.
 */
export class RaftCore {
  readonly #member: Member;
  #toldLeadership: Leadership;
  #toldHardState: HardState;
  #toItself: readonly RaftMessage[] = [];
  #outstanding: Ready | undefined;

  /** @throws RangeError naming the setting, what was found and what is accepted. */
  constructor(id: NodeId, settings: RaftSettings, draw: Draw, snapshots: SnapshotSource, start: MemberStart) {
    checkRaftSettings(settings);
    this.#member = new Member(id, settings, draw, snapshots, start, roles);
    this.#toldLeadership = this.leadership;
    this.#toldHardState = this.hardState;
  }

  get id(): NodeId {
    return this.#member.id;
  }

  get leadership(): Leadership {
    const { role, leader, term } = this.#member;
    return { role: role.name, leader, term };
  }

  get hardState(): HardState {
    const { term, vote, log } = this.#member;
    return { term, vote, commit: log.committed };
  }

  /** Who belongs to the group, as of the last entry applied here. */
  get membership(): Membership {
    const { voters, learners } = this.#member;
    return { voters, learners };
  }

  /** The last entry that is durable here. */
  get durable(): { readonly index: number; readonly term: number } {
    return this.#member.log.durable;
  }

  get firstIndex(): number {
    return this.#member.log.firstIndex;
  }

  get lastIndex(): number {
    return this.#member.log.lastIndex;
  }

  get applied(): number {
    return this.#member.log.applied;
  }

  /** Term of an entry, undefined where the log does not reach. */
  termAt(index: number): number | undefined {
    return this.#member.log.term(index);
  }

  /** All entries from `first` on. */
  entriesFrom(first: number): readonly Entry[] {
    return this.#member.log.from(first, Number.POSITIVE_INFINITY);
  }

  /** A leader's view of the members, undefined for all others. */
  get progress(): ReadonlyMap<NodeId, Progress> | undefined {
    return this.#leader?.progress;
  }

  /** Time passes. */
  tick(): void {
    this.#member.role.onTick();
  }

  /** Starts an election now, as after an election timeout. A leader does nothing. */
  campaign(): void {
    const { settings } = this.#member;
    if (this.#leader === undefined) this.#member.campaign(settings.preVote ? 'pre-vote' : 'vote');
  }

  receive(message: RaftMessage): void {
    this.#member.receive(message);
  }

  /** Gives the index that the payload has in the log if this term's leader commits it, or why it was not taken. */
  propose(payload: Payload): number | Refusal {
    return this.#leader?.propose(payload) ?? 'not-leader';
  }

  /** Asks when a read may be answered; `read` comes back in a Ready. False if nobody is known to lead this member. */
  read(read: number): boolean {
    const { id, leader, belongs } = this.#member;
    if (!belongs) return false;
    if (this.#leader !== undefined) this.#leader.read(id, read);
    else if (leader !== undefined) this.#member.send(leader, { kind: 'raft.read', read });
    else return false;
    return true;
  }

  /** Hands leadership to `node`; nothing happens unless this member leads and `node` is another voter. */
  transfer(node: NodeId): void {
    this.#leader?.transfer(node);
  }

  /** A leader leads no more, of its own accord; all others do nothing. */
  resign(): void {
    if (this.#leader !== undefined) this.#member.becomeFollower(this.#member.term, undefined);
  }

  /** A snapshot on its way to `node` makes progress, so it is not lost. */
  snapshotProceeds(node: NodeId): void {
    this.#leader?.progress.get(node)?.renewSnapshot();
  }

  /** Undefined if there is nothing to do. Not to be called again before `advance`. */
  ready(): Ready | undefined {
    if (this.#outstanding !== undefined) throw new Error('raft: ready before advance');
    this.#leader?.flushReads();
    const member = this.#member;
    const { log } = member;
    const hardState = changed(this.#toldHardState, this.hardState, ['term', 'vote', 'commit']);
    const leadership = changed(this.#toldLeadership, this.leadership, ['role', 'leader']);
    const entries = log.unstable();
    const committed = log.applicable();
    const nothing =
      hardState === undefined &&
      leadership === undefined &&
      entries.length + committed.length === 0 &&
      log.pendingSnapshot === undefined &&
      member.outbox.length + member.promises.length + member.readable.length === 0;
    if (nothing) return undefined;
    const mustSync =
      entries.length > 0 ||
      (hardState !== undefined &&
        (hardState.term !== this.#toldHardState.term || hardState.vote !== this.#toldHardState.vote));
    const messages = member.outbox;
    for (const promise of member.promises) if (promise.to !== member.id) messages.push(promise);
    this.#toItself = member.promises.filter((promise) => promise.to === member.id);
    const { readable } = member;
    const snapshot = log.pendingSnapshot;
    member.outbox = [];
    member.promises = [];
    member.readable = [];
    this.#toldHardState = this.hardState;
    this.#toldLeadership = this.leadership;
    this.#outstanding = { leadership, hardState, snapshot, entries, committed, messages, readable, mustSync };
    return this.#outstanding;
  }

  /** All of the last Ready is done. */
  advance(): void {
    const done = this.#outstanding;
    if (done === undefined) throw new Error('raft: advance before ready');
    this.#outstanding = undefined;
    const { log } = this.#member;
    const toItself = this.#toItself;
    this.#toItself = [];
    for (const message of toItself) this.#member.receive(message);
    if (done.snapshot !== undefined) log.restored(done.snapshot.index);
    const last = done.entries.at(-1);
    if (last !== undefined) log.stableTo(last.index, last.term);
    const applied = done.committed.at(-1);
    if (applied !== undefined) log.appliedTo(applied.index);
  }

  /** The state machine has applied the entry at `index`: snapshots hold it from now on. */
  appliedTo(index: number): void {
    this.#member.log.appliedTo(index);
  }

  /** A membership entry was applied. */
  applyMembership(change: MembershipChange): void {
    this.#member.takeMembership(changedMembership(this.#member, change));
    this.#leader?.onMembershipChanged();
  }

  /** Forgets applied entries up to `index`: a durable snapshot stands for them. */
  compactTo(index: number): void {
    this.#member.log.compactTo(index);
  }

  get #leader(): Leader | undefined {
    const { role } = this.#member;
    return role instanceof Leader ? role : undefined;
  }
}

const roles: Roles = {
  follower: (member) => new Follower(member),
  candidate: (member, election) => new Candidate(member, election),
  leader: (member) => new Leader(member),
};

/** `next` if it differs from `told` in one of the fields. */
function changed<T>(told: T, next: T, fields: readonly (keyof T)[]): T | undefined {
  return fields.some((field) => told[field] !== next[field]) ? next : undefined;
}
