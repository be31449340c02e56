import type { CheckResult } from '../../record/schema.ts';
import { type Check, Tally } from '../check.ts';
import type { OperationEvent } from '../operation.ts';
import { storeOpOf } from './store-model.ts';
import { type KeyChoice, WatchedKeys, type WatchMemo } from './watched-keys.ts';

/** `sampled`: about 100 to 200 keys and the hottest. `all`: every key, of more than 20,000 an even sample. */
export type LinearizabilityScope = 'sampled' | 'all';

const CHOICES: Readonly<Record<LinearizabilityScope, KeyChoice>> = {
  sampled: { sampled: 200, hottest: 16 },
  all: { sampled: 20_000, hottest: 0 },
};

/**
 * I2 as a whole: the operations on a key can be put in one order, each between its call and its answer, in which they make
 * sense. That forbids stale reads and reads of the future, lost writes, deleted keys that come back, and clients that see
 * writes in different orders; the last of these no check of single reads can find.
 */
export class LinearizabilityCheck implements Check {
  readonly id = 'I2-linearizable';
  readonly statement =
    'The operations on each key are linearizable: all took effect at one instant each, between call and answer, in one order that explains all answers.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #keys: WatchedKeys;
  #notJudged = 0;
  #unfinished = 0;

  constructor(scope: LinearizabilityScope = 'sampled') {
    this.#keys = new WatchedKeys(CHOICES[scope], {
      fits: () => this.#tally.pass(),
      violated: ({ what, witness }) => this.#tally.fail(what, witness),
      notJudged: (operations) => {
        this.#notJudged += operations;
      },
    });
  }

  /** An operation ended. `memo`: kept with its key, if anybody knows it. */
  onOperation(event: OperationEvent, calledMs: number, nowMs: number, memo?: WatchMemo): void {
    const { op } = event;
    const watch = op === 'list' ? undefined : this.#keys.of(event.key, nowMs, memo);
    if (watch === undefined) return;
    if ((op === 'get' || op === 'head') && event.status === 'ok' && !event.missing) {
      if (watch.isPlain(event.generation, event.checksum)) return;
    }
    const told = storeOpOf(event);
    if (told !== undefined) watch.report(told.op, told.certain, calledMs, nowMs);
  }

  /** A version was put in place without an operation. */
  preload(key: string, generation: number, checksum: number): void {
    this.#keys.preload(key, { kind: 'version', generation, exact: true, checksum });
  }

  /** No more operations end; `unfinished` never did, and may have written what nobody reported. */
  close(unfinished: number): void {
    this.#unfinished = unfinished;
    for (const watch of this.#keys.all()) watch.close(unfinished === 0);
  }

  result(originMs?: number): CheckResult {
    const skipped = this.#notJudged > 0 ? `; ${this.#notJudged} not judged` : '';
    const open = this.#unfinished > 0 ? ` (${this.#unfinished} operations never ended)` : '';
    return this.#tally.result(
      `${this.#tally.evaluated} operations on ${this.#keys.size} keys${skipped}${open}`,
      `no operation was judged${skipped}`,
      originMs,
    );
  }
}
