import type { LogFailure, ProposalHandler, ReadHandler } from '../log/replicated-log.ts';

interface Proposal<Result> {
  readonly index: number;
  readonly handler: ProposalHandler<Result>;
  readonly tag: number;
}

interface Failure<Result> {
  readonly handler: ProposalHandler<Result>;
  readonly tag: number;
  readonly failure: LogFailure;
}

/** Who waits for which entry, in the order of the log. All were proposed in one term: none outlives it. */
export class PendingProposals<Result> {
  #waiting: Proposal<Result>[] = [];
  #failed: Failure<Result>[] = [];

  add(index: number, handler: ProposalHandler<Result>, tag: number): void {
    this.#waiting.push({ index, handler, tag });
  }

  /** The proposer of the entry at `index`, who waits no longer; undefined if nobody does. */
  take(index: number): Proposal<Result> | undefined {
    return this.#waiting[0]?.index === index ? this.#waiting.shift() : undefined;
  }

  /** To be told with the next `tellFailures`. */
  fail(handler: ProposalHandler<Result>, tag: number, failure: LogFailure): void {
    this.#failed.push({ handler, tag, failure });
  }

  /** This member leads no more: whether the entries will be committed, another decides. */
  abandon(): void {
    for (const { handler, tag } of this.#waiting) this.fail(handler, tag, 'unknown');
    this.#waiting = [];
  }

  get hasFailures(): boolean {
    return this.#failed.length > 0;
  }

  tellFailures(): void {
    const failed = this.#failed;
    this.#failed = [];
    for (const { handler, tag, failure } of failed) handler.onProposalFailed(tag, failure);
  }
}

interface Read {
  readonly handler: ReadHandler;
  readonly tag: number;
  readonly untilTick: number;
  readonly askedMs: number;
  /** What must be applied before, once it is known. */
  index: number | undefined;
}

/** Reads by number, from the question to the leader until what it named is applied here. */
export class PendingReads {
  readonly #reads = new Map<number, Read>();
  #freshMs = Number.NEGATIVE_INFINITY;

  /**
   * When, on this member's clock, the last of the answered reads was asked: all that was acknowledged before is applied
   * here. So staleness is bounded by one clock alone, whatever the network did to the messages.
   */
  get freshMs(): number {
    return this.#freshMs;
  }

  add(read: number, handler: ReadHandler, tag: number, untilTick: number, askedMs: number): void {
    this.#reads.set(read, { handler, tag, untilTick, askedMs, index: undefined });
  }

  /** The leader named the index of a read. */
  name(read: number, index: number): void {
    const waiting = this.#reads.get(read);
    if (waiting !== undefined) waiting.index = index;
  }

  /** Answers all that need no more than what is applied. */
  release(applied: number): void {
    for (const [read, { handler, tag, askedMs, index }] of this.#reads) {
      if (index === undefined || index > applied) continue;
      this.#reads.delete(read);
      if (askedMs > this.#freshMs) this.#freshMs = askedMs;
      handler.onReadable(tag);
    }
  }

  /** Gives up those whose question or answer seems to be lost. */
  expire(tick: number): void {
    for (const [read, { handler, tag, untilTick }] of this.#reads) {
      if (untilTick > tick) continue;
      this.#reads.delete(read);
      handler.onReadFailed(tag, 'unavailable');
    }
  }
}
