import type { NodeId } from '../host.ts';
import type { ReplicaTruth } from '../record/replica-truth.ts';
import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';
import type { KeyModel } from './key-model.ts';

/** What reading a key back gave: generation 0 where there is no such key; undefined where it can't be read. */
export type Found = { readonly generation: number; readonly checksum: number } | undefined;

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
  #lost = 0;

  constructor(model: KeyModel, truth: ReplicaTruth, writeQuorum: number, partitionOf: (key: string) => number) {
    this.#model = model;
    this.#truth = truth;
    this.#writeQuorum = writeQuorum;
    this.#partitionOf = partitionOf;
  }

  /** The truth has just taken in that a node's disk is gone. */
  onDestroyed(_node: NodeId): void {
    for (const partition of this.#truth.withDestroyed(this.#writeQuorum)) this.#mayBeLost.add(partition);
  }

  verify(key: string, found: Found): void {
    const history = this.#model.of(key);
    const expected = history?.acknowledged;
    if (history === undefined || expected === undefined) return;
    const gone = found === undefined || found.generation === 0;
    if (gone && ((found !== undefined && (expected.deleted || history.mayBeDeleted)) || this.#excused(key))) {
      this.#tally.pass();
      return;
    }
    const wanted = expected.deleted
      ? `deleted by generation ${expected.generation}`
      : `generation ${expected.generation}`;
    if (found === undefined) return this.#tally.fail(`${key} can't be read; acknowledged was ${wanted}`);
    if (gone) return this.#tally.fail(`${key} is missing; acknowledged was ${wanted}`);
    if (found.generation < expected.generation) {
      return this.#tally.fail(`${key} is back at generation ${found.generation}; acknowledged was ${wanted}`);
    }
    const known = history.version(found.generation);
    const right = known === undefined ? history.mayHold(found.checksum) : known.checksum === found.checksum;
    if (right || found.checksum === 0) this.#tally.pass();
    else
      this.#tally.fail(
        `${key}, generation ${found.generation}, has content that nobody wrote; acknowledged was ${wanted}`,
      );
  }

  result(): CheckResult {
    const sample = this.#model.share < 1 ? `, a sample of ${this.#model.share} of all keys` : '';
    const lost = this.#lost > 0 ? `; ${this.#lost} lost with W replicas and reported so` : '';
    return this.#tally.result(`${this.#tally.evaluated} keys read back${sample}${lost}`, 'no key was read back');
  }

  #excused(key: string): boolean {
    const partition = this.#partitionOf(key);
    const excused = this.#mayBeLost.has(partition) && this.#truth.isReportedLost(partition);
    if (excused) this.#lost++;
    return excused;
  }
}
