import type { Member } from './member.ts';
import type { RaftMessage, RaftMessageOf } from './messages.ts';
import type { Role } from './role.ts';

/** Takes over what the leader says, and campaigns when nothing is heard of one. */
export class Follower implements Role {
  readonly name = 'follower';
  readonly #member: Member;

  constructor(member: Member) {
    this.#member = member;
  }

  /** Waits to be spoken to. */
  start(): void {}

  onTick(): void {
    this.#member.waitForLeader();
  }

  onMessage(message: RaftMessage): void {
    const member = this.#member;
    switch (message.kind) {
      case 'raft.append':
        this.#hear(message);
        this.#append(message);
        break;
      case 'raft.heartbeat':
        this.#hear(message);
        member.log.commitTo(message.commit);
        member.send(message.from, { kind: 'raft.heartbeat-reply', readRound: message.readRound });
        break;
      case 'raft.snapshot':
        this.#hear(message);
        this.#restore(message);
        break;
      case 'raft.timeout-now':
        member.campaign('transfer');
        break;
      case 'raft.read-reply':
        member.readable.push({ read: message.read, index: message.index });
        break;
      default:
        break;
    }
  }

  #hear(message: RaftMessage): void {
    this.#member.elapsedTicks = 0;
    this.#member.leader = message.from;
  }

  #append({ from, prevIndex, prevTerm, entries, commit }: RaftMessageOf<'raft.append'>): void {
    const { log } = this.#member;
    // What is committed agrees with every leader's log, so nothing needs to be compared.
    const agrees = prevIndex < log.committed ? log.committed : log.merge(prevIndex, prevTerm, entries, commit);
    if (agrees !== undefined) {
      this.#member.send(from, { kind: 'raft.append-accepted', index: agrees });
      return;
    }
    const hint = log.lastNotAbove(Math.min(prevIndex, log.lastIndex), prevTerm);
    this.#member.send(from, {
      kind: 'raft.append-refused',
      index: prevIndex,
      hintIndex: hint.index,
      hintTerm: hint.term,
    });
  }

  #restore({ from, snapshot }: RaftMessageOf<'raft.snapshot'>): void {
    const { log } = this.#member;
    const { id } = this.#member;
    const belongs = snapshot.voters.includes(id) || snapshot.learners.includes(id);
    if (snapshot.index > log.committed && belongs) {
      if (log.term(snapshot.index) === snapshot.term) {
        log.commitTo(snapshot.index);
      } else {
        log.restore(snapshot);
        this.#member.takeMembership(snapshot);
        this.#member.send(from, { kind: 'raft.append-accepted', index: log.lastIndex });
        return;
      }
    }
    this.#member.send(from, { kind: 'raft.append-accepted', index: log.committed });
  }
}
