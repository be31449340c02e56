import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';
import type { KnownVersion } from './key-history.ts';

/** I16: what was deleted does not come back by itself, whichever replica, repair or old message brings it. */
export class ResurrectionCheck implements Check {
  readonly id = 'I16';
  readonly statement =
    'A deleted key stays deleted until it is put again: no read or listing shows a version older than a deletion that was certain before.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);

  /** A read, a read-back or a listing said `found` of a key (generation 0: nothing) that was known to be deleted by `deletion`. */
  onSeen(key: string, found: number, deletion: KnownVersion, how: string, node: string, nowMs: number | null): void {
    if (found === 0 || found > deletion.generation) return this.#tally.pass();
    this.#tally.fail(
      (at) =>
        `${nowMs === null ? '' : `${at(nowMs)}: `}a ${how} of ${key} gave generation ${found}, which generation ${deletion.generation} had deleted at ${at(deletion.sinceMs)}`,
      { timeMs: nowMs, node, key, event: how },
    );
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(
      `${this.#tally.evaluated} looks at deleted keys`,
      'nobody looked at a deleted key',
      originMs,
    );
  }
}
