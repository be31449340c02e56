import type { CommandResult } from './commands.ts';
import { parseSerial, type Serial, SerialFloors } from './serial.ts';

interface Remembered {
  readonly token: string;
  readonly revision: number;
  readonly result: CommandResult;
}

/**
 * The answers to writes by their idempotency token, so that a repeated write gets the first one's answer. Bounded by age
 * in revisions, which all members count alike. Of what is forgotten, the latest token of each writer is kept: one
 * that is no later is `expired`, so however late a repetition comes it is never carried out again. A first attempt is only
 * refused by this if its writer has had a later write answered more than the bound before.
 */
export class TokenTable {
  readonly #maxAge: number;
  readonly #answers = new Map<string, CommandResult>();
  readonly #floors = new SerialFloors();
  /** Oldest first, for revisions rise; what stands before `#first` is forgotten. */
  #order: Remembered[] = [];
  #first = 0;

  constructor(maxAgeRevisions: number) {
    this.#maxAge = maxAgeRevisions;
  }

  find(token: string): CommandResult | 'expired' | undefined {
    const answer = this.#answers.get(token);
    if (answer !== undefined) return answer;
    const serial = this.#floors.isEmpty ? undefined : parseSerial(token);
    return serial !== undefined && this.#floors.covers(serial) ? 'expired' : undefined;
  }

  remember(token: string, revision: number, result: CommandResult): void {
    this.#answers.set(token, result);
    this.#order.push({ token, revision, result });
  }

  /** Forgets what is too old at `revision`; called with each command, so that all members forget at the same one. */
  advance(revision: number): void {
    for (let oldest = this.#order[this.#first]; oldest !== undefined; oldest = this.#order[this.#first]) {
      if (oldest.revision > revision - this.#maxAge) return;
      this.#answers.delete(oldest.token);
      const serial = parseSerial(oldest.token);
      if (serial !== undefined) this.#floors.raise(serial);
      this.#first += 1;
      if (this.#first > 1_024 && this.#first * 2 > this.#order.length) {
        this.#order = this.#order.slice(this.#first);
        this.#first = 0;
      }
    }
  }

  /** What is not forgotten, oldest first. */
  *entries(): Generator<readonly [string, number, CommandResult], void> {
    for (const { token, revision, result } of this.#order.slice(this.#first)) yield [token, revision, result];
  }

  floors(): Iterable<Serial> {
    return this.#floors.all();
  }

  restoreFloor(serial: Serial): void {
    this.#floors.raise(serial);
  }
}
