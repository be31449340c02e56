import type { CheckResult } from '../record/schema.ts';
import { at, type Check, Tally } from './check.ts';
import type { KeyHistory } from './key-history.ts';
import type { OperationEvent } from './key-model.ts';
import { OpenQuestions } from './open-questions.ts';

/** I11: no client is ever given bytes that nobody wrote. */
export class HonestyCheck implements Check {
  readonly id = 'I11';
  readonly statement =
    'Every body that a client receives has the content of a version that was written under that key.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #open = new OpenQuestions();
  #unjudged = 0;

  /** Told before the model learns of the event. */
  onOperation(event: OperationEvent, history: KeyHistory, calledMs: number, nowMs: number): void {
    const { op, key, status, generation, checksum } = event;
    if (op === 'put') {
      const answered = status === 'failed' ? 0 : this.#open.answer(key, { op, checksum }, calledMs);
      for (let i = 0; i < answered; i++) this.#tally.pass();
      return;
    }
    if (op !== 'get' || status !== 'ok' || event.missing || checksum === 0) return;
    const known = history.version(generation);
    if (known?.acknowledged) {
      if (known.checksum === checksum) this.#tally.pass();
      else
        this.#tally.fail(
          `${at(nowMs)}: a read of ${key}, generation ${generation}, gave bytes with checksum ${checksum}; written was ${known.checksum}`,
        );
      return;
    }
    if (history.mayHold(checksum) || (generation === 0 && history.held(checksum))) return this.#tally.pass();
    if (!history.remembers(generation)) {
      this.#unjudged++;
      return;
    }
    const what = `${at(nowMs)}: a read of ${key}, generation ${generation}, gave bytes with checksum ${checksum}, which nobody wrote`;
    const explains = (write: { readonly op: string; readonly checksum: number }) =>
      write.op === 'put' && write.checksum === checksum;
    if (!this.#open.ask({ key, readMs: nowMs, what, explains })) this.#unjudged++;
  }

  /** No more operations end; `unfinished` never did. */
  close(unfinished: number): void {
    const unanswered = this.#open.unanswered();
    if (unfinished === 0) for (const what of unanswered) this.#tally.fail(what);
    else this.#unjudged += unanswered.length;
  }

  result(): CheckResult {
    const skipped = this.#unjudged > 0 ? `; ${this.#unjudged} not judged` : '';
    return this.#tally.result(`${this.#tally.evaluated} bodies${skipped}`, `no body was judged${skipped}`);
  }
}
