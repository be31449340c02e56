import type { NodeId } from '../../../host.ts';
import type { Election, Member } from './member.ts';
import type { RaftMessage } from './messages.ts';
import { voteResult } from './quorum.ts';
import type { Role, RoleName } from './role.ts';

/** Collects votes, first without consequence (`pre`: the term is not raised), then for good. */
export class Candidate implements Role {
  readonly name: RoleName;
  readonly #member: Member;
  readonly #pre: boolean;
  readonly #transfer: boolean;
  readonly #votes = new Map<NodeId, boolean>();

  constructor(member: Member, election: Election) {
    this.#member = member;
    this.#pre = election === 'pre-vote';
    this.#transfer = election === 'transfer';
    this.name = this.#pre ? 'pre-candidate' : 'candidate';
  }

  /** Asks all voters. Its own vote, too, counts only when it is durable. */
  start(): void {
    const member = this.#member;
    const pre = this.#pre;
    const transfer = this.#transfer;
    const term = pre ? member.term + 1 : member.term;
    const { lastIndex, lastTerm } = member.log;
    for (const voter of member.voters) {
      if (voter === member.id) member.send(voter, { kind: 'raft.vote-reply', pre, granted: true }, term);
      else member.send(voter, { kind: 'raft.vote', pre, transfer, lastIndex, lastTerm }, term);
    }
  }

  onTick(): void {
    this.#member.waitForLeader();
  }

  onMessage(message: RaftMessage): void {
    const member = this.#member;
    switch (message.kind) {
      case 'raft.append':
      case 'raft.heartbeat':
      case 'raft.snapshot':
        // Somebody else has won this term.
        member.becomeFollower(message.term, message.from);
        member.role.onMessage(message);
        break;
      case 'raft.vote-reply':
        if (message.pre === this.#pre) this.#count(message.from, message.granted);
        break;
      default:
        break;
    }
  }

  #count(voter: NodeId, granted: boolean): void {
    const member = this.#member;
    if (!this.#votes.has(voter)) this.#votes.set(voter, granted);
    const result = voteResult(member.voters, (id) => this.#votes.get(id));
    if (result === 'lost') member.becomeFollower(member.term, undefined);
    else if (result === 'won' && this.#pre) member.campaign('vote');
    else if (result === 'won') member.becomeLeader();
  }
}
