import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';

/** Two sums of counters that must be equal. */
export interface Balance {
  /** "messages sent = delivered + dropped + in flight" */
  readonly what: string;
  readonly left: number;
  readonly right: number;
}

/** I18: nothing vanishes and nothing comes from nowhere in the simulated world. */
export class ConservationCheck implements Check {
  readonly id = 'I18';
  readonly statement =
    'What goes in comes out, is dropped and counted, or is still inside: each counter that is named balances.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  #held = '';

  close(balances: readonly Balance[]): void {
    for (const { what, left, right } of balances) {
      if (left === right) this.#tally.pass();
      else this.#tally.fail(`${what}: ${left} against ${right}`);
    }
    this.#held = balances.map(({ what }) => what).join('; ');
  }

  result(): CheckResult {
    return this.#tally.result(this.#held, 'no counters were given');
  }
}
