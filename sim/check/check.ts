import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';

/** Something that must hold in every run. */
export interface Check {
  /** Of STORE.md's invariants ("I1" to "I18"), or a name. */
  readonly id: string;
  readonly statement: string;
  /** A broken `correctness` check means wrong answers; `liveness`: right ones that don't come in time. */
  readonly kind: CheckResult['kind'];
  /** Told every event, in order of time. */
  onEvent?(nodeId: NodeId, event: StoreEvent, nowMs: number): void;
  /** The verdict so far. */
  result(): CheckResult;
}

/** Violations that a verdict spells out; the rest is counted. */
const NAMED = 3;

/** Counts tests and violations of one check, and words its verdict. */
export class Tally {
  readonly #check: Pick<Check, 'id' | 'statement' | 'kind'>;
  readonly #named: string[] = [];
  #evaluated = 0;
  #violations = 0;

  constructor(check: Pick<Check, 'id' | 'statement' | 'kind'>) {
    this.#check = check;
  }

  get evaluated(): number {
    return this.#evaluated;
  }

  get violations(): number {
    return this.#violations;
  }

  /** Put to the test and held. */
  pass(): void {
    this.#evaluated++;
  }

  /** Put to the test and violated. `what`: a sentence with time, place, what was found and what was accepted. */
  fail(what: string): void {
    this.#evaluated++;
    this.#violations++;
    if (this.#named.length < NAMED) this.#named.push(what);
  }

  /** `held`: what to say when nothing is wrong. A check that was never put to the test is not judged. */
  result(held = '', notJudged = 'it was never put to the test'): CheckResult {
    const { id, statement, kind } = this.#check;
    const base = { id, statement, kind, evaluated: this.#evaluated };
    if (this.#violations > 0) {
      const more = this.#violations - this.#named.length;
      const detail = this.#named.join('; ') + (more > 0 ? `; and ${more} more` : '');
      return { ...base, verdict: 'violated', detail };
    }
    if (this.#evaluated === 0) return { ...base, verdict: 'not-judged', detail: notJudged };
    return { ...base, verdict: 'held', detail: held };
  }
}

/** A time in a sentence: "12.345 s". */
export function at(ms: number): string {
  return `${Math.round(ms) / 1000} s`;
}
