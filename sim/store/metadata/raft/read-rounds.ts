import type { NodeId } from '../../../host.ts';
import { voteResult } from './quorum.ts';

/** A read that waits for the leader to be confirmed: whose, and from which index on it may be answered. */
export interface WaitingRead {
  readonly from: NodeId;
  readonly read: number;
  readonly index: number;
}

/**
 * Reads without a log entry (ReadIndex, Ongaro's thesis, 2014, §6.4): who still leads in the eyes of a majority after a
 * read came in has committed all that anybody was told of before. All reads that come in between two rounds of
 * heartbeats share the later one; an answer to a round answers all before it.
 */
export class ReadRounds {
  #round = 0;
  #unsent = false;
  #waiting: { readonly round: number; readonly read: WaitingRead }[] = [];
  readonly #answered = new Map<NodeId, number>();

  /** The round that a heartbeat sent now belongs to; 0 before the first. */
  get round(): number {
    return this.#round;
  }

  /** Reads wait for a round that no heartbeat was sent for. */
  get unsent(): boolean {
    return this.#unsent;
  }

  add(read: WaitingRead): void {
    if (!this.#unsent) {
      this.#unsent = true;
      this.#round += 1;
    }
    this.#waiting.push({ round: this.#round, read });
  }

  /** Heartbeats of the current round went out. */
  markSent(): void {
    this.#unsent = false;
  }

  /** `from` answered a round. */
  answer(from: NodeId, round: number): void {
    this.#answered.set(from, Math.max(round, this.#answered.get(from) ?? 0));
  }

  /** Takes out the reads that a majority has confirmed, in the order in which they came. */
  take(self: NodeId, voters: readonly NodeId[]): readonly WaitingRead[] {
    const taken: WaitingRead[] = [];
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { round } = first;
      const confirmed = voteResult(voters, (voter) =>
        voter === self || (this.#answered.get(voter) ?? 0) >= round ? true : undefined,
      );
      if (confirmed !== 'won') break;
      taken.push(first.read);
      this.#waiting.shift();
    }
    return taken;
  }
}
