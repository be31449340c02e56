import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';

/** Two sums of counters that must be equal, or of which the left one is at most the right one. */
export interface Balance {
  /** "messages sent = delivered + dropped + in flight" */
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly atMost?: boolean;
  /** Where they were counted, if that is one node. */
  readonly node?: string;
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
    for (const { what, left, right, node, atMost = false } of balances) {
      const where = node === undefined ? '' : `${node}: `;
      if (atMost ? left <= right : left === right) this.#tally.pass();
      else
        this.#tally.fail(`${where}${what}: ${left} against ${right}`, { timeMs: null, node, event: 'end of the run' });
    }
    this.#held = [...new Set(balances.map(({ what }) => what))].join('; ');
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(this.#held, 'no counters were given', originMs);
  }
}
