import type { CommandResult } from './commands.ts';

interface Remembered {
  readonly revision: number;
  readonly result: CommandResult;
}

/**
 * The answers to writes by their idempotency token, so that a repeated write gets the first one's answer. Bounded by
 * age in revisions, which all members count alike.
 */
export class TokenTable {
  readonly #maxAge: number;
  /** Oldest first, for revisions rise. */
  readonly #answers = new Map<string, Remembered>();
  #sweptRevision = 0;

  constructor(maxAgeRevisions: number) {
    this.#maxAge = maxAgeRevisions;
  }

  find(token: string, revision: number): CommandResult | undefined {
    const answer = this.#answers.get(token);
    return answer === undefined || this.#isOld(answer, revision) ? undefined : answer.result;
  }

  remember(token: string, revision: number, result: CommandResult): void {
    this.#answers.delete(token);
    this.#answers.set(token, { revision, result });
    // A walk over a Map passes every hole that deletions have left, so it is not begun for one entry at a time.
    if (revision - this.#sweptRevision > this.#maxAge / 8) this.#sweep(revision);
  }

  /** What is not forgotten as of `revision`, oldest first. */
  *entries(revision: number): Generator<readonly [string, number, CommandResult], void> {
    for (const [token, answer] of this.#answers) {
      if (!this.#isOld(answer, revision)) yield [token, answer.revision, answer.result];
    }
  }

  #isOld(answer: Remembered, revision: number): boolean {
    return answer.revision <= revision - this.#maxAge;
  }

  #sweep(revision: number): void {
    this.#sweptRevision = revision;
    for (const [token, answer] of this.#answers) {
      if (!this.#isOld(answer, revision)) return;
      this.#answers.delete(token);
    }
  }
}
