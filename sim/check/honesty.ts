import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally, type Violation } from './check.ts';
import type { KeyHistory } from './key-history.ts';
import { type ExplainingWrite, OpenQuestions } from './open-questions.ts';
import type { OperationEvent } from './operation.ts';

/** I11: no client is ever given bytes that nobody wrote. */
export class HonestyCheck implements Check {
  readonly id = 'I11';
  readonly statement =
    'Every body that a client receives has the content of a version that was written under that key.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #open = new OpenQuestions();
  #unjudged = 0;

  /** A write ended `ok` or `unknown`. Told before the model learns of it. */
  onWrite(event: OperationEvent, write: ExplainingWrite, calledMs: number): void {
    if (!write.deletes) this.#tally.pass(this.#open.answer(event.key, write, calledMs));
  }

  /** A get ended as most do: `KeyHistory.isPlainGet`. */
  onPlainGet(): void {
    this.#tally.pass();
  }

  /** A get ended. Told before the model learns of it. */
  onGet(event: OperationEvent, history: KeyHistory, node: string, nowMs: number): void {
    const { key, status, generation, checksum } = event;
    if (status !== 'ok' || event.missing || checksum === 0) return;
    const known = history.version(generation);
    if (known?.acknowledged && known.checksum !== 0) {
      if (known.checksum === checksum) return this.#tally.pass();
      const written = known.checksum;
      return this.#tally.fail(
        (at) =>
          `${at(nowMs)}: a read of ${key}, generation ${generation}, gave bytes with checksum ${checksum}; written was ${written}`,
        { timeMs: nowMs, node, key, event: 'get' },
      );
    }
    if (history.mayHold(checksum) || (generation === 0 && history.held(checksum))) return this.#tally.pass();
    // A copy: its content is told by no event, and is known from its first read on.
    if (known !== undefined && known.checksum === 0 && !known.deleted) return this.#skip();
    if (!history.remembers(generation)) return this.#skip();
    const violation: Violation = {
      what: (at) =>
        `${at(nowMs)}: a read of ${key}, generation ${generation}, gave bytes with checksum ${checksum}, which nobody wrote`,
      witness: { timeMs: nowMs, node, key, event: 'get' },
    };
    const explains = (write: ExplainingWrite) =>
      !write.deletes && (write.checksum === checksum || write.checksum === 0);
    if (!this.#open.ask({ key, readMs: nowMs, violation, explains })) this.#skip();
  }

  /** No more operations end; `unfinished` never did. */
  close(unfinished: number): void {
    const unanswered = this.#open.unanswered();
    if (unfinished === 0) for (const { what, witness } of unanswered) this.#tally.fail(what, witness);
    else this.#unjudged += unanswered.length;
  }

  result(originMs?: number): CheckResult {
    const skipped = this.#unjudged > 0 ? `; ${this.#unjudged} not judged` : '';
    return this.#tally.result(`${this.#tally.evaluated} bodies${skipped}`, `no body was judged${skipped}`, originMs);
  }

  #skip(): void {
    this.#unjudged++;
  }
}
