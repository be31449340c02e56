import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';
import type { BlockAccepted } from './fencing.ts';
import type { OperationEvent } from './operation.ts';

/** Generations, and blocks, that are remembered: the newest. A power of two. */
const REMEMBERED = 8_192;

/** I6, of contents: two leaders that both commit would give one generation to two writes, and one block two contents. */
export class OneContentCheck implements Check {
  readonly id = 'I6';
  readonly statement = 'No generation is given to two writes, and no block has two contents under one generation.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  /** The write that got a generation, at its remainder: a slot each. */
  readonly #generations = new Float64Array(REMEMBERED);
  readonly #checksums = new Float64Array(REMEMBERED);
  readonly #keys: string[] = new Array<string>(REMEMBERED).fill('');
  /** Blocks by their hash: one that comes to the slot of another takes its place. */
  readonly #blockIds: string[] = new Array<string>(REMEMBERED).fill('');
  readonly #blockGenerations = new Float64Array(REMEMBERED);
  readonly #blockChecksums = new Float64Array(REMEMBERED);

  /** A put was acknowledged. */
  onPut({ key, generation, checksum }: OperationEvent, node: NodeId, nowMs: number): void {
    // Without a checksum it may be a condition that did not hold: its generation is another write's.
    if (generation === 0 || checksum === 0) return;
    const slot = generation % REMEMBERED;
    const otherKey = this.#keys[slot] ?? '';
    const otherChecksum = this.#checksums[slot] ?? 0;
    const same = this.#generations[slot] === generation;
    this.#generations[slot] = generation;
    this.#keys[slot] = key;
    this.#checksums[slot] = checksum;
    if (!same || (otherKey === key && otherChecksum === checksum)) return this.#tally.pass();
    this.#tally.fail(
      (at) =>
        `${at(nowMs)}: generation ${generation} went to a put of ${key} with checksum ${checksum} and to a put of ${otherKey} with checksum ${otherChecksum}`,
      { timeMs: nowMs, node, key, event: 'put' },
    );
  }

  /** A replica of a block was made durable. */
  onBlock({ id, partition, generation, checksum }: BlockAccepted, node: NodeId, nowMs: number): void {
    const slot = slotOf(id);
    const same = this.#blockIds[slot] === id && this.#blockGenerations[slot] === generation;
    const other = this.#blockChecksums[slot] ?? 0;
    this.#blockIds[slot] = id;
    this.#blockGenerations[slot] = generation;
    this.#blockChecksums[slot] = checksum;
    if (!same || other === checksum) return this.#tally.pass();
    this.#tally.fail(
      (at) =>
        `${at(nowMs)}: ${node} stored block ${id} of partition ${partition}, generation ${generation}, with checksum ${checksum}; another replica of it has ${other}`,
      { timeMs: nowMs, node, key: id, event: 'block-accepted' },
    );
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} writes`, 'no write was acknowledged', originMs);
  }
}

/** FNV-1a. */
function slotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (REMEMBERED - 1);
}
