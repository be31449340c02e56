import type { CheckResult, FaultRecord } from '../record/schema.ts';
import type { StoreEvent } from '../store/events.ts';
import { type Check, Tally } from './check.ts';
import type { PartitionBytes } from './partition-bytes.ts';

export type Copied = Extract<StoreEvent, { kind: 'copied' }>;

/** Faults that only change who belongs: all others make copies that no change of membership explains. */
const CHANGES: ReadonlySet<string> = new Set(['add-nodes', 'drain']);

/** By how much more than the least may be moved: a placement shifts a little among the others to keep zones apart. */
const ALLOWANCE = 0.25;
/**
 * The least is that of fair shares to the byte. A placement by hashing gives a node its share with the spread of a binomial
 * distribution, whose standard deviation is at most the root of the number of replicas: so many of them are granted. Replicas
 * of unequal sizes count as fewer of equal ones.
 */
const DEVIATIONS = 3;

/** I9: a change of membership moves what it must, and not much more. */
export class NeedlessCopiesCheck implements Check {
  readonly id = 'I9';
  readonly statement = 'Nodes that join or are drained move hardly more bytes than their change of membership demands.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #stored: PartitionBytes;
  readonly #garbageMs: number;
  readonly #movesMore: string | undefined;
  /** Transfers that brought something of a partition to another node. */
  readonly #transfers = new Map<number, Set<number>>();
  #movedBytes = 0;
  #repairedBytes = 0;
  #detail = '';
  #notJudged = 'the run has not ended';

  /**
   * @param garbageMs - How long the blocks of a version that was replaced or deleted stay on the disks at most.
   * @param movesMore - Why more than the least is moved by design; undefined where it is not.
   */
  constructor(stored: PartitionBytes, garbageMs = 0, movesMore?: string) {
    this.#stored = stored;
    this.#garbageMs = garbageMs;
    this.#movesMore = movesMore;
  }

  onCopied({ cause, partition, transferId, sizeBytes }: Copied): void {
    this.#movedBytes += sizeBytes;
    if (cause === 'repair') this.#repairedBytes += sizeBytes;
    const transfers = this.#transfers.get(partition);
    if (transfers === undefined) this.#transfers.set(partition, new Set([transferId]));
    else transfers.add(transferId);
  }

  /** `leastBytes`: what the changes of membership had to move; null where there were none. */
  close(leastBytes: number | null, faults: readonly FaultRecord[]): void {
    const other = faults.find(({ kind }) => !CHANGES.has(kind));
    if (leastBytes === null) this.#notJudged = 'no node joined or left';
    else if (other !== undefined) this.#notJudged = `what "${other.line}" made necessary is not known to the byte`;
    else if (this.#repairedBytes > 0) this.#notJudged = `repairs copied ${this.#repairedBytes} bytes beside`;
    else if (this.#movesMore !== undefined) this.#notJudged = this.#movesMore;
    else this.#judge(leastBytes, faults);
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(this.#detail, this.#notJudged, originMs);
  }

  #judge(leastBytes: number, faults: readonly FaultRecord[]): void {
    const replicas = leastBytes / Math.max(1, this.#stored.spreadBytes);
    const accepted = 1 + ALLOWANCE + DEVIATIONS / Math.sqrt(Math.max(1, replicas));
    const unseenBytes = this.#unseenBytes(faults, (accepted * leastBytes) / this.#stored.meanBytes);
    const ratio = this.#movedBytes / leastBytes;
    this.#detail = `${ratio.toFixed(2)} times the least of ${leastBytes} bytes`;
    if (this.#movedBytes <= accepted * leastBytes + unseenBytes) return this.#tally.pass();
    const beside = unseenBytes === 0 ? '' : ` and ${unseenBytes} bytes that were written meanwhile or were garbage`;
    this.#tally.fail(
      `${this.#movedBytes} bytes were moved, ${ratio.toFixed(2)} times the least of ${leastBytes}; ${accepted.toFixed(2)} times are accepted${beside}`,
      { timeMs: null, event: 'copied' },
    );
  }

  /**
   * What the least, the newest versions when a node began to leave and at the end, does not hold, though whoever takes over a
   * partition must have it: versions that were replaced but not yet collected, and those that came since. Counted once for each
   * transfer of their partition, and for no partition that stayed; not for more transfers than are accepted, or needless ones
   * would earn their own allowance. Which of them were needless nobody knows: those that had most are granted.
   */
  #unseenBytes(faults: readonly FaultRecord[], acceptedTransfers: number): number {
    const sinceMs = Math.min(...faults.map(({ startMs }) => startMs));
    const unseen: number[] = [];
    for (const [partition, transfers] of this.#transfers) {
      const replaced = this.#stored.replacedSince(sinceMs - this.#garbageMs, partition);
      const bytes = replaced + this.#stored.addedSince(sinceMs, partition);
      for (const _ of transfers) unseen.push(bytes);
    }
    unseen.sort((a, b) => b - a);
    return unseen.slice(0, Math.ceil(acceptedTransfers)).reduce((sum, bytes) => sum + bytes, 0);
  }
}
