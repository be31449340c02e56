import type { NodeId } from '../host.ts';
import type { ReplicaTruth } from '../record/replica-truth.ts';
import type { CheckResult } from '../record/schema.ts';
import type { AnswersCheck } from './answers.ts';
import { type Check, Tally, type Witness } from './check.ts';
import type { KeyModel } from './key-model.ts';
import type { ResurrectionCheck } from './resurrection.ts';

/** What reading a key back gave: generation 0 where there is no such key; undefined where it can't be read. */
export type Found = { readonly generation: number; readonly checksum: number } | undefined;

/** A read's errors by which nobody said anything of the key: it may be there or not. */
const SILENCE: ReadonlySet<string> = new Set(['metadata-unavailable', 'overloaded', 'refused', 'reset', 'timeout']);
/** A read's errors that are an answer: all replicas were asked, or their bytes are wrong. */
const ANSWER: ReadonlySet<string> = new Set(['absent', 'corrupt', 'wrong-size']);

/** Why a key can't be read after a run, whatever the store does; undefined if nothing is in the way. */
export type Obstacle = (key: string) => string | undefined;

interface Unread {
  readonly key: string;
  readonly wanted: string;
  readonly error: string;
}

/** I1: what was acknowledged is there afterwards, unless so many disks went that it may be lost: then that is stated. */
export class DurabilityCheck implements Check {
  readonly id = 'I1';
  readonly statement =
    'Every acknowledged version, or a newer one, is readable while fewer than W of its replicas are destroyed; a loss beyond that is reported.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #model: KeyModel;
  readonly #truth: ReplicaTruth;
  readonly #writeQuorum: number;
  readonly #partitionOf: (key: string) => number;
  /** Partitions of which W replicas were destroyed at one time. */
  readonly #mayBeLost = new Set<number>();
  readonly #answers: AnswersCheck;
  readonly #resurrection: ResurrectionCheck;
  readonly #unread: Unread[] = [];
  #lost = 0;
  #unanswered = 0;
  #silence = '';

  constructor(
    model: KeyModel,
    truth: ReplicaTruth,
    answers: AnswersCheck,
    resurrection: ResurrectionCheck,
    writeQuorum: number,
    partitionOf: (key: string) => number,
  ) {
    this.#model = model;
    this.#answers = answers;
    this.#resurrection = resurrection;
    this.#truth = truth;
    this.#writeQuorum = writeQuorum;
    this.#partitionOf = partitionOf;
  }

  /** The truth has just taken in that a node's disk is gone. */
  onDestroyed(_node: NodeId): void {
    for (const partition of this.#truth.withDestroyed(this.#writeQuorum)) this.#mayBeLost.add(partition);
  }

  /** `error`: what the reader was told where the key can't be read. */
  verify(key: string, found: Found, error: string): void {
    const history = this.#model.of(key);
    const expected = history?.acknowledged;
    if (history === undefined || expected === undefined) return;
    const wanted = expected.deleted
      ? `deleted by generation ${expected.generation}`
      : `generation ${expected.generation}`;
    if (found === undefined) {
      if (this.#excused(key)) this.#tally.pass();
      else this.#unread.push({ key, wanted, error });
      return;
    }
    this.#answers.answered();
    if (found.generation === 0) {
      if (expected.deleted) this.#resurrection.onSeen(key, 0, expected, 'read-back', '', null);
      if (expected.deleted || history.mayBeDeleted || this.#excused(key)) this.#tally.pass();
      else this.#tally.fail(`${key} is missing; acknowledged was ${wanted}`, readBackOf(key));
      return;
    }
    if (expected.deleted) this.#resurrection.onSeen(key, found.generation, expected, 'read-back', '', null);
    if (found.generation < expected.generation) {
      return this.#tally.fail(
        `${key} is back at generation ${found.generation}; acknowledged was ${wanted}`,
        readBackOf(key),
      );
    }
    const known = history.version(found.generation);
    const right = known === undefined ? history.mayHold(found.checksum) : known.checksum === found.checksum;
    const unknown = known?.checksum === 0 && !known.deleted;
    if (right || unknown || found.checksum === 0) this.#tally.pass();
    else
      this.#tally.fail(
        `${key}, generation ${found.generation}, has content that nobody wrote; acknowledged was ${wanted}`,
        readBackOf(key),
      );
  }

  /** Only the end tells which keys could have been read: silence is no loss, an answer that lacks the key is. */
  close(obstacle: Obstacle): void {
    for (const { key, wanted, error } of this.#unread) {
      const why = ANSWER.has(error) ? undefined : obstacle(key);
      if (why !== undefined || SILENCE.has(error)) {
        this.#unanswered++;
        this.#silence = why ?? error;
        this.#answers.unanswered(key, error, why);
        continue;
      }
      const told = error === '' ? '' : ` (${error})`;
      this.#tally.fail(`${key} can't be read${told}; acknowledged was ${wanted}`, readBackOf(key));
    }
  }

  result(originMs?: number): CheckResult {
    const sample = this.#model.share < 1 ? `, a sample of ${this.#model.share} of all keys` : '';
    const lost = this.#lost > 0 ? `; ${this.#lost} lost with W replicas and reported so` : '';
    const held = `${this.#tally.evaluated} keys read back${sample}${lost}`;
    const result = this.#tally.result(held, 'no key was read back', originMs);
    if (this.#unanswered === 0) return result;
    const silent = `${this.#unanswered} keys can't be judged: nobody answered (${this.#silence})`;
    if (result.verdict === 'violated') return { ...result, detail: `${result.detail}; ${silent}` };
    return { ...result, verdict: 'not-judged', detail: `${held}; ${silent}` };
  }

  #excused(key: string): boolean {
    const partition = this.#partitionOf(key);
    const excused = this.#mayBeLost.has(partition) && this.#truth.isReportedLost(partition);
    if (excused) this.#lost++;
    return excused;
  }
}

function readBackOf(key: string): Witness {
  return { timeMs: null, key, event: 'read-back' };
}
