import type { NodeId } from '../../../host.ts';
import { type Membership, sortedNodes } from './entry.ts';
import { EntryLog, type LogStart } from './entry-log.ts';
import { isPromise, type RaftBody, type RaftMessage, type RaftMessageOf } from './messages.ts';
import type { Role } from './role.ts';
import type { Draw, RaftSettings } from './settings.ts';

/** The state machine's state as of the last entry that the core was told to be applied. */
export interface SnapshotSource {
  records(): readonly string[];
}

/** A read that may be answered once `index` is applied. */
export interface ReadableAt {
  readonly read: number;
  readonly index: number;
}

/**
 * What a member begins with: what it had made durable, or what it was founded with. The members are those as of the
 * snapshot; the entries after it change them again when they are applied.
 */
export interface MemberStart extends LogStart, Membership {
  readonly currentTerm: number;
  readonly vote: NodeId | undefined;
}

/** Makes the roles that a member takes. */
export interface Roles {
  follower(member: Member): Role;
  candidate(member: Member, election: Election): Role;
  leader(member: Member): Role;
}

/** `pre-vote`: without consequence; `transfer`: the leader itself wants it. */
export type Election = 'pre-vote' | 'vote' | 'transfer';

/**
 * What all roles share: identity, term, vote, log and outbox, and the rules about terms that come before any role's own
 * (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014, figure 2).
 */
export class Member {
  readonly id: NodeId;
  readonly settings: RaftSettings;
  readonly log: EntryLog;
  readonly snapshots: SnapshotSource;
  readonly #draw: Draw;
  readonly #roles: Roles;
  term: number;
  vote: NodeId | undefined;
  leader: NodeId | undefined;
  voters: readonly NodeId[];
  learners: readonly NodeId[];
  role: Role;
  /** Ticks since the leader was last heard of; a leader's: since it last checked for its quorum. */
  elapsedTicks = 0;
  /** This member's own draw between `electionTicks` and twice as many. */
  #patienceTicks = 0;
  /** To send, in order; promises apart, because they wait for the disk, those to itself included. */
  outbox: RaftMessage[] = [];
  promises: RaftMessage[] = [];
  readable: ReadableAt[] = [];

  constructor(
    id: NodeId,
    settings: RaftSettings,
    draw: Draw,
    snapshots: SnapshotSource,
    start: MemberStart,
    roles: Roles,
  ) {
    this.id = id;
    this.settings = settings;
    this.snapshots = snapshots;
    this.#draw = draw;
    this.#roles = roles;
    this.log = new EntryLog(start);
    this.term = start.currentTerm;
    this.vote = start.vote;
    this.voters = sortedNodes(start.voters);
    this.learners = sortedNodes(start.learners);
    this.role = roles.follower(this);
    this.#drawPatience();
  }

  get isVoter(): boolean {
    return this.voters.includes(this.id);
  }

  /** Belongs to the group, as of the last entry applied here. */
  get belongs(): boolean {
    return this.isVoter || this.learners.includes(this.id);
  }

  takeMembership({ voters, learners }: Membership): void {
    this.voters = voters;
    this.learners = learners;
  }

  get outOfPatience(): boolean {
    return this.elapsedTicks >= this.#patienceTicks;
  }

  send(to: NodeId, body: RaftBody, term = this.term): void {
    const message: RaftMessage = { ...body, from: this.id, to, term };
    (isPromise(body) ? this.promises : this.outbox).push(message);
  }

  receive(message: RaftMessage): void {
    if (message.term > this.term && !this.#follow(message)) return;
    if (message.term < this.term) this.#correct(message);
    else if (message.kind === 'raft.vote') this.#answerCandidate(message);
    else this.role.onMessage(message);
  }

  becomeFollower(term: number, leader: NodeId | undefined): void {
    this.#enterTerm(term);
    this.leader = leader;
    this.#take(this.#roles.follower(this));
  }

  becomeLeader(): void {
    this.#enterTerm(this.term);
    this.leader = this.id;
    this.#take(this.#roles.leader(this));
  }

  /** One tick without a leader: when the patience is over, a voter stands for election. */
  waitForLeader(): void {
    this.elapsedTicks += 1;
    if (!this.isVoter || !this.outOfPatience) return;
    this.elapsedTicks = 0;
    this.campaign(this.settings.preVote ? 'pre-vote' : 'vote');
  }

  /** Starts an election, if this member may win one. */
  campaign(election: Election): void {
    if (!this.isVoter || this.log.pendingSnapshot !== undefined || this.#membershipChanges()) return;
    if (election === 'pre-vote') {
      this.leader = undefined;
    } else {
      this.#enterTerm(this.term + 1);
      this.vote = this.id;
    }
    this.#take(this.#roles.candidate(this, election));
  }

  #take(role: Role): void {
    this.role = role;
    role.start();
  }

  /** A later term: its leader is followed, its candidate heard. False if the message is to be ignored. */
  #follow(message: RaftMessage): boolean {
    switch (message.kind) {
      case 'raft.vote':
        if (!message.transfer && this.#hearsLeader()) return false;
        if (!message.pre) this.becomeFollower(message.term, undefined);
        return true;
      case 'raft.vote-reply':
        // A pre-vote is granted for a term that nobody has entered yet.
        if (!message.pre || !message.granted) this.becomeFollower(message.term, undefined);
        return true;
      case 'raft.append':
      case 'raft.heartbeat':
      case 'raft.snapshot':
        this.becomeFollower(message.term, message.from);
        return true;
      default:
        this.becomeFollower(message.term, undefined);
        return true;
    }
  }

  /** An earlier term: where silence would leave the sender stuck, it is told of the later one. */
  #correct(message: RaftMessage): void {
    const { preVote, checkQuorum } = this.settings;
    if (message.kind === 'raft.heartbeat' || message.kind === 'raft.append') {
      // This member may have raised its term in vain, and disregards the leader that the others have.
      if (preVote || checkQuorum) this.send(message.from, { kind: 'raft.append-accepted', index: 0 });
    } else if (message.kind === 'raft.vote' && message.pre) {
      this.send(message.from, { kind: 'raft.vote-reply', pre: true, granted: false });
    }
  }

  #answerCandidate(message: RaftMessageOf<'raft.vote'>): void {
    const { from, pre, term } = message;
    const free =
      this.vote === from || (this.vote === undefined && this.leader === undefined) || (pre && term > this.term);
    if (free && this.log.isUpToDate(message.lastIndex, message.lastTerm)) {
      if (!pre) {
        this.elapsedTicks = 0;
        this.vote = from;
      }
      this.send(from, { kind: 'raft.vote-reply', pre, granted: true }, term);
    } else {
      this.send(from, { kind: 'raft.vote-reply', pre, granted: false });
    }
  }

  #hearsLeader(): boolean {
    const { checkQuorum, electionTicks } = this.settings;
    return checkQuorum && this.leader !== undefined && this.elapsedTicks < electionTicks;
  }

  /** Until a committed change of membership is applied here, it is not known whose votes count. */
  #membershipChanges(): boolean {
    return this.log.applicable().some((entry) => entry.payload.kind === 'membership');
  }

  #enterTerm(term: number): void {
    if (term !== this.term) {
      this.term = term;
      this.vote = undefined;
    }
    this.leader = undefined;
    this.elapsedTicks = 0;
    this.#drawPatience();
  }

  #drawPatience(): void {
    const { electionTicks } = this.settings;
    this.#patienceTicks = electionTicks + this.#draw.below(electionTicks);
  }
}
