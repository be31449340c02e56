import type { Outcome } from '../store/client/outcome.ts';
import type { Condition } from '../store/model.ts';

/** Keys whose generation is remembered: those written last. */
const MOST = 4_096;

/**
 * What the traffic knows of generations, for its conditional writes: of each key the one that a write last told. Costs
 * nothing until the first write on condition of a generation.
 */
export class KnownGenerations {
  readonly #byKey = new Map<string, number>();
  #wanted = false;

  /** Where no generation is known, a write "over the version that is known" is one where there is none: its refusal tells more. */
  condition(key: string, kind: 'if-absent' | 'if-match'): Condition {
    if (kind === 'if-absent') return { kind };
    this.#wanted = true;
    const generation = this.#byKey.get(key) ?? 0;
    return generation === 0 ? { kind: 'if-absent' } : { kind: 'if-generation', generation };
  }

  /** Takes what a write of `key` was told. */
  learn(key: string, outcome: Outcome): void {
    if (!this.#wanted || outcome.status !== 'ok') return;
    const { result } = outcome;
    this.#byKey.delete(key);
    if (result.kind !== 'stored' && result.kind !== 'copied' && result.kind !== 'precondition-failed') return;
    this.#byKey.set(key, result.generation);
    if (this.#byKey.size <= MOST) return;
    for (const oldest of this.#byKey.keys()) {
      this.#byKey.delete(oldest);
      return;
    }
  }
}
