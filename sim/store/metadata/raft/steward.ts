import type { NodeId } from '../../../host.ts';
import type { RaftCore } from './core.ts';
import type { MembershipChange } from './entry.ts';
import { addressOf, supersedes } from './identity.ts';
import { majority } from './quorum.ts';

/** Fewer voters than this would make the log as mortal as one disk. */
const fewestVoters = 2;

/**
 * What a leader does about the group itself. A node that has lost its disk asks to join under a new name; its old self is
 * taken out and it becomes a learner in the same step, and a voter once it has caught up (Ongaro's thesis, 2014, §4.2.1).
 *
 * It must not simply go on under its old name, not even after it was brought up to date by a majority: it has forgotten
 * votes and acknowledgements that others may still count. Such recovery protocols (of Viewstamped Replication, of
 * Paxos Made Live) lose acknowledged writes: Michael et al., "Recovering Shared Objects Without Stable Storage", DISC 2017;
 * on corrupt logs, Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage", FAST 2018.
 */
export class Steward {
  readonly #core: RaftCore;
  readonly #electionTicks: number;
  /** Who asked to join, by address, and when. */
  readonly #applicants = new Map<NodeId, { readonly member: NodeId; readonly tick: number }>();

  constructor(core: RaftCore, electionTicks: number) {
    this.#core = core;
    this.#electionTicks = electionTicks;
  }

  /** A node asks to join. It asks again until it is heard of by a leader. */
  onApplication(member: NodeId, tick: number): void {
    const address = addressOf(member);
    const known = this.#applicants.get(address);
    if (known === undefined || known.member === member || supersedes(member, known.member))
      this.#applicants.set(address, { member, tick });
  }

  /** The change that a leader should propose now, undefined if none is due. */
  due(tick: number): MembershipChange | undefined {
    const { learners, voters } = this.#core.membership;
    for (const learner of learners) {
      if (this.#caughtUp(learner) && this.#keepsMajority(voters.length + 1, this.#reachable() + 1))
        return { op: 'add', node: learner };
    }
    for (const { member, tick: askedTick } of this.#applicants.values()) {
      if (tick - askedTick > 2 * this.#electionTicks) continue;
      const replaces = [...voters, ...learners].find((other) => supersedes(member, other));
      if (replaces !== undefined) return { op: 'admit', node: member, replaces };
    }
    return undefined;
  }

  /** The change that an operator wants, or why it is refused. `address`: the node's name. */
  plan(change: 'add' | 'remove', address: NodeId, tick: number): MembershipChange | string {
    const { voters, learners } = this.#core.membership;
    const member = [...voters, ...learners].find((node) => addressOf(node) === address);
    if (change === 'add') {
      if (member !== undefined) return `member: found ${address}, which is a member already`;
      const applicant = this.#applicants.get(address);
      if (applicant === undefined || tick - applicant.tick > 2 * this.#electionTicks)
        return `member: found ${address}, which has not asked to join; start it first, with an empty disk`;
      return { op: 'admit', node: applicant.member };
    }
    if (member === undefined)
      return `member: found ${address}, accepted: ${[...voters, ...learners].map(addressOf).join(', ')}`;
    if (!voters.includes(member)) return { op: 'remove', node: member };
    const left = voters.length - 1;
    if (left < fewestVoters)
      return `member: removing ${address} would leave ${left} voters, accepted: ${fewestVoters} or more`;
    const reachable = this.#reachable() - (this.#isReachable(member) ? 1 : 0);
    if (!this.#keepsMajority(left, reachable))
      return `member: without ${address} only ${reachable} of ${left} voters would be within reach`;
    return { op: 'remove', node: member };
  }

  #keepsMajority(voters: number, reachable: number): boolean {
    return reachable >= majority(voters);
  }

  #reachable(): number {
    return this.#core.membership.voters.filter((voter) => this.#isReachable(voter)).length;
  }

  #isReachable(member: NodeId): boolean {
    if (member === this.#core.id) return true;
    const progress = this.#core.progress?.get(member);
    return progress !== undefined && progress.silentTicks < this.#electionTicks;
  }

  #caughtUp(learner: NodeId): boolean {
    const progress = this.#core.progress?.get(learner);
    return (
      progress?.state === 'replicate' && progress.match >= this.#core.hardState.commit && this.#isReachable(learner)
    );
  }
}
