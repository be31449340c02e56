import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';

/** I8, the part about requests: once all is over the store answers again. That it is silent loses nothing, but is no service. */
export class AnswersCheck implements Check {
  readonly id = 'I8-answers';
  readonly statement =
    'After the run every read of an acknowledged key is answered, if a gateway, a majority of metadata and W replicas can be reached.';
  readonly kind = 'liveness';
  readonly #tally = new Tally(this);
  #excused = 0;
  #why = '';

  answered(): void {
    this.#tally.pass();
  }

  /** `why` names what was in the way, undefined if nothing was. */
  unanswered(key: string, error: string, why: string | undefined): void {
    if (why === undefined)
      this.#tally.fail(`a read of ${key} got no answer (${error})`, { timeMs: null, key, event: 'read-back' });
    else {
      this.#excused++;
      this.#why = why;
    }
  }

  result(originMs?: number): CheckResult {
    const excused = this.#excused > 0 ? `${this.#excused} keys could not be read: ${this.#why}` : '';
    return this.#tally.result(excused, excused || 'no key was read back', originMs);
  }
}
