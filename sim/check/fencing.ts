import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { type Check, Tally } from './check.ts';

/** A data node made a write durable. */
export type BlockAccepted = Extract<StoreEvent, { kind: 'block-accepted' }>;

/** I6, of epochs: a writer with an old map is kept out as soon as one with a newer map has written. */
export class FencingCheck implements Check {
  readonly id = 'I6-fencing';
  readonly statement =
    'No replica accepts a write under an older epoch after one under a newer epoch, nor under an epoch that it has not heard of.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  /** By node: the newest epoch of a write, by partition. */
  readonly #newest = new Map<NodeId, number[]>();

  onBlock({ id, partition, writerEpoch, nodeEpoch }: BlockAccepted, node: NodeId, nowMs: number): void {
    let newest = this.#newest.get(node);
    if (newest === undefined) {
      newest = [];
      this.#newest.set(node, newest);
    }
    const before = newest[partition] ?? 0;
    if (writerEpoch <= nodeEpoch && writerEpoch >= before) {
      newest[partition] = writerEpoch;
      return this.#tally.pass();
    }
    const witness = { timeMs: nowMs, node, key: id, event: 'block-accepted' };
    if (writerEpoch > nodeEpoch) {
      this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${node} accepted block ${id} under epoch ${writerEpoch}, though it knew no newer one than ${nodeEpoch}`,
        witness,
      );
    } else {
      this.#tally.fail(
        (at) =>
          `${at(nowMs)}: ${node} accepted block ${id} of partition ${partition} under epoch ${writerEpoch} after one under epoch ${before}`,
        witness,
      );
    }
  }

  /** What was on the disk is gone: so is the replica that had accepted. */
  onDestroyed(node: NodeId): void {
    this.#newest.delete(node);
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(`${this.#tally.evaluated} writes to replicas`, 'no replica told of a write', originMs);
  }
}
