import type { CheckResult } from '../record/schema.ts';
import { at, type Check, Tally } from './check.ts';
import type { KeyHistory } from './key-history.ts';
import type { OperationEvent } from './key-model.ts';
import { OpenQuestions } from './open-questions.ts';

/**
 * I2, the cheap part: a read sees everything that was certain before it was called. That gives read-your-writes and
 * monotonic reads over all clients, and that a deleted key stays deleted until it is put again (I16).
 */
export class SessionCheck implements Check {
  readonly id = 'I2';
  readonly statement =
    'A read returns a version no older than any that was acknowledged or read before the read was called; a deleted key stays deleted until put again.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #open = new OpenQuestions();
  #unjudged = 0;
  #unfinished = 0;

  onOperation(event: OperationEvent, history: KeyHistory, calledMs: number, nowMs: number): void {
    const { op, key, status, missing, generation, checksum } = event;
    if (op === 'put' || op === 'delete') {
      if (status !== 'failed') this.#passMany(this.#open.answer(key, { op, checksum }, calledMs));
      return;
    }
    if (op === 'list' || status !== 'ok') return;
    const floor = history.floor(calledMs);
    if (floor === 'none') return this.#tally.pass();
    if (floor === 'forgotten') return this.#skip();
    if (missing) {
      if (floor.deleted || history.mayBeDeleted || history.deletedAfter(floor.generation)) return this.#tally.pass();
      const what = `${at(nowMs)}: ${key} was missing, though generation ${floor.generation} was there at ${at(floor.sinceMs)} and nobody deleted it`;
      const explains = (write: { readonly op: string }) => write.op === 'delete';
      if (!this.#open.ask({ key, readMs: nowMs, what, explains })) this.#skip();
      return;
    }
    if (generation === 0) return this.#skip();
    if (generation >= floor.generation) return this.#tally.pass();
    const of = floor.deleted ? 'its deletion by generation' : 'generation';
    this.#tally.fail(
      `${at(nowMs)}: a read of ${key} gave generation ${generation} after ${of} ${floor.generation} was certain at ${at(floor.sinceMs)}`,
    );
  }

  /** No more operations end; `unfinished` never did. */
  close(unfinished: number): void {
    this.#unfinished = unfinished;
    const unanswered = this.#open.unanswered();
    if (unfinished === 0) for (const what of unanswered) this.#tally.fail(what);
    else this.#unjudged += unanswered.length;
  }

  result(): CheckResult {
    const skipped = this.#unjudged > 0 ? `; ${this.#unjudged} not judged` : '';
    const open = this.#unfinished > 0 ? ` (${this.#unfinished} operations never ended)` : '';
    return this.#tally.result(`${this.#tally.evaluated} reads${skipped}${open}`, `no read was judged${skipped}`);
  }

  #skip(): void {
    this.#unjudged++;
  }

  #passMany(count: number): void {
    for (let i = 0; i < count; i++) this.#tally.pass();
  }
}
