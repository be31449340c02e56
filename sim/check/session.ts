import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally, type Violation } from './check.ts';
import type { KeyHistory, KnownVersion } from './key-history.ts';
import { type ExplainingWrite, OpenQuestions } from './open-questions.ts';
import type { OperationEvent } from './operation.ts';

/**
 * I2, the cheap part: a read sees everything that was certain before it was called. That gives read-your-writes and
 * monotonic reads over all clients.
 */
export class SessionCheck implements Check {
  readonly id = 'I2';
  readonly statement =
    'A read returns a version no older than any that was acknowledged or read before the read was called; what is there stays until it is deleted.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #open = new OpenQuestions();
  #unjudged = 0;
  #unfinished = 0;

  /** A write ended `ok` or `unknown`. */
  onWrite(event: OperationEvent, write: ExplainingWrite, calledMs: number): void {
    if (write.deletes) this.#tally.pass(this.#open.answer(event.key, write, calledMs));
  }

  /** A read ended as most do: `KeyHistory.isPlainGet`. */
  onPlainRead(): void {
    this.#tally.pass();
  }

  /** A read ended `ok`. `floor`: the newest version that was certain when it was called. */
  onRead(
    event: OperationEvent,
    history: KeyHistory,
    floor: KnownVersion | 'none' | 'forgotten',
    node: string,
    nowMs: number,
  ): void {
    const { op, key, missing, generation } = event;
    if (floor === 'none') return this.#tally.pass();
    if (floor === 'forgotten') return this.#skip();
    if (missing) {
      if (floor.deleted || history.mayBeDeleted || history.deletedAfter(floor.generation)) return this.#tally.pass();
      const violation: Violation = {
        what: (at) =>
          `${at(nowMs)}: ${key} was missing, though generation ${floor.generation} was there at ${at(floor.sinceMs)} and nobody deleted it`,
        witness: { timeMs: nowMs, node, key, event: op },
      };
      const explains = (write: ExplainingWrite) => write.deletes;
      if (!this.#open.ask({ key, readMs: nowMs, violation, explains })) this.#skip();
      return;
    }
    if (generation === 0) return this.#skip();
    if (generation >= floor.generation) return this.#tally.pass();
    const of = floor.deleted ? 'its deletion by generation' : 'generation';
    this.#tally.fail(
      (at) =>
        `${at(nowMs)}: a read of ${key} gave generation ${generation} after ${of} ${floor.generation} was certain at ${at(floor.sinceMs)}`,
      { timeMs: nowMs, node, key, event: op },
    );
  }

  /** No more operations end; `unfinished` never did. */
  close(unfinished: number): void {
    this.#unfinished = unfinished;
    const unanswered = this.#open.unanswered();
    if (unfinished === 0) for (const { what, witness } of unanswered) this.#tally.fail(what, witness);
    else this.#unjudged += unanswered.length;
  }

  result(originMs?: number): CheckResult {
    const skipped = this.#unjudged > 0 ? `; ${this.#unjudged} not judged` : '';
    const open = this.#unfinished > 0 ? ` (${this.#unfinished} operations never ended)` : '';
    return this.#tally.result(
      `${this.#tally.evaluated} reads${skipped}${open}`,
      `no read was judged${skipped}`,
      originMs,
    );
  }

  #skip(): void {
    this.#unjudged++;
  }
}
