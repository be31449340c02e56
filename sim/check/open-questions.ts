import type { Violation } from './check.ts';

/** Something a read saw that only a write which has not ended yet can explain. */
export interface OpenQuestion {
  readonly key: string;
  /** A write called after this explains nothing. */
  readonly readMs: number;
  /** What it is if nothing explains it. */
  readonly violation: Violation;
  /** Whether the write that just ended is the explanation. */
  readonly explains: (write: ExplainingWrite) => boolean;
}

/** A write that ended. A checksum of 0 is not known. */
export interface ExplainingWrite {
  readonly deletes: boolean;
  readonly checksum: number;
}

const MOST_OPEN = 10_000;

/** Reads that wait for the end of the write that explains them. */
export class OpenQuestions {
  readonly #byKey = new Map<string, OpenQuestion[]>();
  #size = 0;

  /** False when there is no room for it. */
  ask(question: OpenQuestion): boolean {
    if (this.#size >= MOST_OPEN) return false;
    this.#size++;
    const same = this.#byKey.get(question.key);
    if (same === undefined) this.#byKey.set(question.key, [question]);
    else same.push(question);
    return true;
  }

  /** A write ended `ok` or `unknown`. Returns how many questions it answers. */
  answer(key: string, write: ExplainingWrite, calledMs: number): number {
    if (this.#size === 0) return 0;
    const open = this.#byKey.get(key);
    if (open === undefined) return 0;
    const left = open.filter((question) => calledMs > question.readMs || !question.explains(write));
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
    const answered = open.length - left.length;
    this.#size -= answered;
    return answered;
  }

  /** What nothing has explained, in the order in which it was asked by key. */
  unanswered(): Violation[] {
    return [...this.#byKey.values()].flat().map(({ violation }) => violation);
  }
}
