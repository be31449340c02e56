import type { CheckResult, FaultRecord } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';

/** A fault that touches nothing proves nothing: the run would look better than it is. */
export class FaultsFiredCheck implements Check {
  readonly id = 'faults-fired';
  readonly statement = 'Every fault of the script started and touched something.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);

  close(planned: number, faults: readonly FaultRecord[]): void {
    for (const { line, effects, startMs, kind, targets } of faults) {
      if (effects > 0) this.#tally.pass();
      else this.#tally.fail(`"${line}" touched nothing`, { timeMs: startMs, node: targets[0], event: kind });
    }
    if (faults.length < planned)
      this.#tally.fail(`${planned - faults.length} of ${planned} faults never started`, {
        timeMs: null,
        event: 'fault',
      });
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} faults`, 'the script has no faults', originMs);
  }
}
