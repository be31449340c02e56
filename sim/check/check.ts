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
  /** The verdict so far. `originMs`: the moment of the checks' clock that is 0 on the scenario's. */
  result(originMs?: number): CheckResult;
}

/** Puts a time into a sentence, "12.345 s", on the scenario's clock: known only when a run has begun. */
export type At = (ms: number) => string;
/** What is wrong, in words. */
export type Sentence = string | ((at: At) => string);

/** The event that breaks a check, for whoever plays the run again. */
export interface Witness {
  /** On the clock of the checks; null where it is no one moment. */
  readonly timeMs: number | null;
  readonly node?: NodeId | undefined;
  readonly key?: string | undefined;
  readonly event: string;
}

/** A violation in full. */
export interface Violation {
  readonly what: Sentence;
  readonly witness: Witness;
}

/** Violations that a verdict spells out; the rest is counted. */
const NAMED = 3;

/** Counts tests and violations of one check, and words its verdict. */
export class Tally {
  readonly #check: Pick<Check, 'id' | 'statement' | 'kind'>;
  readonly #named: Violation[] = [];
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

  /** Put to the test and held, so many times. */
  pass(times = 1): void {
    this.#evaluated += times;
  }

  /** Put to the test and violated. `what`: a sentence with time, place, what was found and what was accepted. */
  fail(what: Sentence, witness: Witness): void {
    this.#evaluated++;
    this.#violations++;
    if (this.#named.length < NAMED) this.#named.push({ what, witness });
  }

  /** `held`: what to say when nothing is wrong. A check that was never put to the test is not judged. */
  result(held = '', notJudged = 'it was never put to the test', originMs = 0): CheckResult {
    const { id, statement, kind } = this.#check;
    const base = { id, statement, kind, evaluated: this.#evaluated };
    const [first] = this.#named;
    if (first !== undefined) {
      const at: At = (ms) => seconds(ms - originMs);
      const named = this.#named.map(({ what }) => (typeof what === 'string' ? what : what(at)));
      const more = this.#violations - this.#named.length;
      const detail = named.join('; ') + (more > 0 ? `; and ${more} more` : '');
      const { timeMs, node = '', key = '', event } = first.witness;
      const witness = { timeMs: timeMs === null ? null : timeMs - originMs, node, key, event };
      return { ...base, verdict: 'violated', detail, witness };
    }
    if (this.#evaluated === 0) return { ...base, verdict: 'not-judged', detail: notJudged };
    return { ...base, verdict: 'held', detail: held };
  }
}

/** A length of time in a sentence: "12.345 s". */
export function seconds(ms: number): string {
  return `${Math.round(ms) / 1000} s`;
}
