import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { at, type Check, Tally } from './check.ts';
import type { OperationEvent } from './key-model.ts';

/** Generations that are remembered: the newest. */
const REMEMBERED = 8_192;

/** I6 as clients can see it: two leaders that both commit would give one generation to two writes. */
export class OneContentCheck implements Check {
  readonly id = 'I6';
  readonly statement = 'No generation is given to two writes.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  /** The write that got a generation, at its remainder. */
  readonly #given: (OperationEvent | undefined)[] = new Array(REMEMBERED);

  onEvent(_node: NodeId, event: StoreEvent, nowMs: number): void {
    if (event.kind !== 'operation' || event.op !== 'put' || event.status !== 'ok') return;
    // Without a checksum it may be a condition that did not hold: its generation is another write's.
    if (event.generation === 0 || event.checksum === 0) return;
    const slot = event.generation % REMEMBERED;
    const other = this.#given[slot];
    this.#given[slot] = event;
    if (other?.generation !== event.generation || (other.key === event.key && other.checksum === event.checksum)) {
      this.#tally.pass();
      return;
    }
    this.#tally.fail(
      `${at(nowMs)}: generation ${event.generation} went to a put of ${event.key} with checksum ${event.checksum} and to a put of ${other.key} with checksum ${other.checksum}`,
    );
  }

  result(): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} writes`, 'no write was acknowledged');
  }
}
