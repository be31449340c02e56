import type { NodeId } from '../../../host.ts';
import type { Membership, Payload } from './entry.ts';
import type { Member } from './member.ts';
import type { RaftMessage, RaftMessageOf } from './messages.ts';
import { Progress } from './progress.ts';
import { committedIndex, voteResult } from './quorum.ts';
import { ReadRounds } from './read-rounds.ts';
import type { Role } from './role.ts';

/** Why a proposal was not taken. */
export type Refusal = 'not-leader' | 'transferring' | 'membership-changing';

/** Appends what is proposed, brings every member to the same log, and commits what a majority has. */
export class Leader implements Role {
  readonly name = 'leader';
  readonly #member: Member;
  #progress = new Map<NodeId, Progress>();
  #heartbeatTicks = 0;
  /** The last membership change that may be on its way; no other may begin before it is applied. */
  #lastMembership: number;
  #transferee: NodeId | undefined;
  readonly #reads = new ReadRounds();
  /** Reads that came before anything of this term was committed: until then the commit index may be out of date. */
  #earlyReads: { readonly from: NodeId; readonly read: number }[] = [];

  constructor(member: Member) {
    const { log, settings, id } = member;
    this.#member = member;
    this.#lastMembership = log.lastIndex;
    for (const node of everybody(member)) {
      const progress = new Progress(log.lastIndex + 1, settings.maxInflight, node === id);
      if (node === id) {
        progress.acknowledge(log.lastIndex);
        progress.becomeReplicate();
      }
      this.#progress.set(node, progress);
    }
  }

  /** Commits what earlier terms left, by an entry of its own. */
  start(): void {
    this.#append({ kind: 'empty' });
    this.#broadcastAppends();
  }

  /** What is known of each member: voters by name, ascending, then learners. */
  get progress(): ReadonlyMap<NodeId, Progress> {
    return this.#progress;
  }

  get transferee(): NodeId | undefined {
    return this.#transferee;
  }

  /** Takes a payload into the log. Gives its index, or why not. */
  propose(payload: Payload): number | Refusal {
    const { log, isVoter } = this.#member;
    if (!isVoter) return 'not-leader';
    if (this.#transferee !== undefined) return 'transferring';
    if (payload.kind === 'membership') {
      if (this.#lastMembership > log.applied) return 'membership-changing';
      this.#lastMembership = log.lastIndex + 1;
    }
    this.#append(payload);
    this.#broadcastAppends();
    return log.lastIndex;
  }

  /** A read that came from `from`: it is told of the index as soon as a majority confirms that this member leads. */
  read(from: NodeId, read: number): void {
    const { log, term } = this.#member;
    if (log.term(log.committed) !== term) {
      this.#earlyReads.push({ from, read });
      return;
    }
    this.#reads.add({ from, read, index: log.committed });
    this.#releaseReads();
  }

  /** Sends the heartbeats that reads wait for: once for all that came since the last time. */
  flushReads(): void {
    if (this.#reads.unsent) this.#broadcastHeartbeats();
  }

  /** Hands leadership to `node` as soon as it has the whole log, unless that takes an election timeout (§3.10). */
  transfer(node: NodeId): void {
    const member = this.#member;
    const progress = this.#progress.get(node);
    if (progress === undefined || !member.voters.includes(node) || node === member.id || node === this.#transferee)
      return;
    this.#transferee = node;
    member.elapsedTicks = 0;
    if (progress.match === member.log.lastIndex) member.send(node, { kind: 'raft.timeout-now' });
    else this.#sendAppend(node, progress, true);
  }

  /** The members have become others. */
  onMembershipChanged(): void {
    const { id, isVoter, log, settings } = this.#member;
    const progress = new Map<NodeId, Progress>();
    for (const node of everybody(this.#member)) {
      // A new member gets the benefit of the doubt at the next check for a quorum.
      const known = this.#progress.get(node);
      progress.set(node, known ?? new Progress(Math.max(log.lastIndex, 1), settings.maxInflight, true));
    }
    // A last word to who has gone: it learns that its removal is committed, and keeps quiet from then on.
    for (const [node, its] of this.#progress) if (!progress.has(node) && node !== id) this.#sendAppend(node, its, true);
    this.#progress = progress;
    if (!isVoter) {
      if (settings.stepDownOnRemoval) this.#member.becomeFollower(this.#member.term, undefined);
      return;
    }
    if (this.#commit()) this.#broadcastAppends();
    else for (const [node, its] of progress) if (node !== id) this.#sendAppend(node, its, false);
    if (this.#transferee !== undefined && !this.#member.voters.includes(this.#transferee)) this.#transferee = undefined;
    this.#releaseReads();
  }

  onTick(): void {
    const member = this.#member;
    this.#heartbeatTicks += 1;
    member.elapsedTicks += 1;
    for (const progress of this.#progress.values()) progress.silentTicks += 1;
    if (member.elapsedTicks >= member.settings.electionTicks) {
      member.elapsedTicks = 0;
      if (member.settings.checkQuorum && !this.#hearsQuorum()) {
        member.becomeFollower(member.term, undefined);
        return;
      }
      this.#transferee = undefined;
      for (const progress of this.#progress.values()) progress.ageSnapshot();
    }
    if (this.#heartbeatTicks >= member.settings.heartbeatTicks) this.#broadcastHeartbeats();
  }

  onMessage(message: RaftMessage): void {
    const progress = this.#progress.get(message.from);
    if (message.kind === 'raft.read') this.read(message.from, message.read);
    if (progress === undefined) return;
    progress.silentTicks = 0;
    switch (message.kind) {
      case 'raft.append-accepted':
        progress.recentlyActive = true;
        this.#onAccepted(message, progress);
        break;
      case 'raft.append-refused':
        progress.recentlyActive = true;
        this.#onRefused(message, progress);
        break;
      case 'raft.heartbeat-reply':
        progress.recentlyActive = true;
        this.#onHeartbeatReply(message, progress);
        break;
      default:
        break;
    }
  }

  #onAccepted({ from, index }: RaftMessageOf<'raft.append-accepted'>, progress: Progress): void {
    const { id, log } = this.#member;
    const news = progress.acknowledge(index);
    if (!news && !(progress.state === 'probe' && progress.match === index)) return;
    if (progress.state === 'replicate') progress.inflight.freeTo(index);
    else if (progress.state === 'probe') progress.becomeReplicate();
    else if (progress.match + 1 >= log.firstIndex) {
      progress.becomeProbe();
      progress.becomeReplicate();
    }
    if (this.#commit()) this.#broadcastAppends();
    else if (from !== id && progress.lacksCommit(log.committed)) this.#sendAppend(from, progress, true);
    if (from === id) return;
    // The answer may have made room for several appends.
    while (this.#sendAppend(from, progress, false));
    if (from === this.#transferee && progress.match === log.lastIndex) {
      this.#member.send(from, { kind: 'raft.timeout-now' });
    }
  }

  #onRefused(message: RaftMessageOf<'raft.append-refused'>, progress: Progress): void {
    const { from, index, hintIndex, hintTerm } = message;
    // A whole term is skipped at once, on both sides (Ongaro and Ousterhout, 2014, end of §5.3).
    const agrees = hintTerm > 0 ? this.#member.log.lastNotAbove(hintIndex, hintTerm).index : hintIndex;
    if (!progress.refuse(index, agrees)) return;
    if (progress.state === 'replicate') progress.becomeProbe();
    this.#sendAppend(from, progress, true);
  }

  #onHeartbeatReply({ from, readRound }: RaftMessageOf<'raft.heartbeat-reply'>, progress: Progress): void {
    progress.resume();
    // It answers, so what it lacks was lost on the way, or it is being probed.
    if (progress.match < this.#member.log.lastIndex || progress.state === 'probe') {
      this.#sendAppend(from, progress, true);
    }
    this.#reads.answer(from, readRound);
    this.#releaseReads();
  }

  #append(payload: Payload): void {
    const { log, term, id } = this.#member;
    const index = log.lastIndex + 1;
    log.append([{ index, term, payload }]);
    // It counts itself only when the entry is durable here.
    this.#member.send(id, { kind: 'raft.append-accepted', index });
  }

  #broadcastAppends(): void {
    for (const [node, progress] of this.#progress) {
      if (node !== this.#member.id) this.#sendAppend(node, progress, true);
    }
  }

  /** Sends what `node` lacks, or a mere commit index if `evenEmpty`. False if nothing was sent. */
  #sendAppend(node: NodeId, progress: Progress, evenEmpty: boolean): boolean {
    if (progress.paused) return false;
    const { log, settings } = this.#member;
    const prevIndex = progress.next - 1;
    const prevTerm = log.term(prevIndex);
    if (prevTerm === undefined) return this.#sendSnapshot(node, progress);
    const blocked = progress.state === 'replicate' && progress.inflight.full;
    const entries = blocked ? [] : log.from(progress.next, settings.maxAppendBytes);
    if (entries.length === 0 && !evenEmpty) return false;
    const commit = log.committed;
    this.#member.send(node, { kind: 'raft.append', prevIndex, prevTerm, commit, entries });
    progress.sent(entries.length, commit);
    return true;
  }

  /** What `node` lacks has been cut away. */
  #sendSnapshot(node: NodeId, progress: Progress): boolean {
    if (!progress.recentlyActive) return false;
    const { log, voters, learners, snapshots } = this.#member;
    const index = log.applied;
    const term = log.term(index) ?? 0;
    progress.becomeSnapshot(index);
    const snapshot = { index, term, voters, learners, records: snapshots.records() };
    this.#member.send(node, { kind: 'raft.snapshot', snapshot });
    return true;
  }

  #broadcastHeartbeats(): void {
    const member = this.#member;
    this.#heartbeatTicks = 0;
    this.#reads.markSent();
    for (const [node, progress] of this.#progress) {
      if (node === member.id) continue;
      // It may lack what is committed; it must not commit what it merely has at that index.
      const commit = Math.min(progress.match, member.log.committed);
      member.send(node, { kind: 'raft.heartbeat', commit, readRound: this.#reads.round });
      progress.sentCommit(commit);
    }
  }

  /** Commits what a majority has, if the last of it is of this term (figure 8 of the paper). */
  #commit(): boolean {
    const { log, voters, term } = this.#member;
    const index = committedIndex(voters, (voter) => this.#progress.get(voter)?.match);
    if (index <= log.committed || log.term(index) !== term) return false;
    log.commitTo(index);
    const early = this.#earlyReads;
    this.#earlyReads = [];
    for (const { from, read } of early) this.read(from, read);
    return true;
  }

  #releaseReads(): void {
    const member = this.#member;
    for (const { from, read, index } of this.#reads.take(member.id, member.voters)) {
      if (from === member.id) member.readable.push({ read, index });
      else member.send(from, { kind: 'raft.read-reply', read, index });
    }
  }

  #hearsQuorum(): boolean {
    const { voters, id } = this.#member;
    const active = voteResult(voters, (voter) => this.#progress.get(voter)?.recentlyActive === true);
    for (const [node, progress] of this.#progress) if (node !== id) progress.recentlyActive = false;
    return active === 'won';
  }
}

/** Whom a leader sends to, itself included. */
function everybody({ voters, learners }: Membership): readonly NodeId[] {
  return learners.length === 0 ? voters : [...voters, ...learners];
}
