import type { OperationEvent } from './operation.ts';

/** What is stored, as clients were told: bytes of the newest versions, by partition. */
export class PartitionBytes {
  readonly #partitionOf: (key: string) => number;
  readonly #sizes = new Map<string, number>();
  readonly #bytes: number[] = [];
  readonly #objects: number[] = [];
  /** Bytes of versions that were replaced or deleted, and of those that came, by partition and second. */
  readonly #replaced: number[][] = [];
  readonly #added: number[][] = [];
  /** A copy refers to blocks of what it is a copy of: those outlive it, and lie in its partition. */
  #hasCopies = false;
  #total = 0;

  constructor(partitionOf: (key: string) => number) {
    this.#partitionOf = partitionOf;
  }

  /** Of one copy of everything. */
  get total(): number {
    return this.#total;
  }

  /** Of one replica of a partition. */
  bytes(partition: number): number {
    return this.#bytes[partition] ?? 0;
  }

  objects(partition: number): number {
    return this.#objects[partition] ?? 0;
  }

  /**
   * Of the partition in which a byte lies, on average over all bytes: where partitions differ in size, a node's share has the
   * spread of so many equal ones. 0 where nothing is stored.
   */
  get spreadBytes(): number {
    return this.#total === 0 ? 0 : this.#bytes.reduce((sum, bytes) => sum + bytes * bytes, 0) / this.#total;
  }

  /** Of one replica, on average over the partitions that ever held anything. */
  get meanBytes(): number {
    const partitions = this.#bytes.reduce((count) => count + 1, 0);
    return partitions === 0 ? 0 : this.#total / partitions;
  }

  /**
   * Of one copy of what was replaced or deleted since then, in one partition or in all: to metadata it is there until it is
   * collected. All there ever was once copies were made: a block is not collected while one refers to it.
   */
  replacedSince(sinceMs: number, partition?: number): number {
    return sumSince(this.#replaced, this.#hasCopies ? 0 : sinceMs, partition);
  }

  addedSince(sinceMs: number, partition?: number): number {
    return sumSince(this.#added, sinceMs, partition);
  }

  /** A write was acknowledged that made a generation. */
  onWrite({ op, key, sizeBytes }: OperationEvent, nowMs = 0): void {
    const stored = op === 'delete' ? undefined : sizeBytes;
    const before = this.#sizes.get(key);
    const partition = this.#partitionOf(key);
    if (op === 'copy') this.#hasCopies = true;
    add(this.#replaced, partition, nowMs, before ?? 0);
    add(this.#added, partition, nowMs, stored ?? 0);
    if (stored === before) return;
    const grown = (stored ?? 0) - (before ?? 0);
    this.#total += grown;
    this.#bytes[partition] = this.bytes(partition) + grown;
    if (stored === undefined) this.#sizes.delete(key);
    else this.#sizes.set(key, stored);
    const more = Number(stored !== undefined) - Number(before !== undefined);
    if (more !== 0) this.#objects[partition] = this.objects(partition) + more;
  }
}

function secondOf(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000));
}

function add(byPartition: number[][], partition: number, nowMs: number, bytes: number): void {
  if (bytes === 0) return;
  byPartition[partition] ??= [];
  const bySecond = byPartition[partition];
  const second = secondOf(nowMs);
  bySecond[second] = (bySecond[second] ?? 0) + bytes;
}

function sumSince(byPartition: readonly (readonly number[])[], sinceMs: number, partition: number | undefined): number {
  if (partition === undefined)
    return byPartition.reduce((sum, _, each) => sum + sumSince(byPartition, sinceMs, each), 0);
  const bySecond = byPartition[partition] ?? [];
  let sum = 0;
  for (let second = secondOf(sinceMs); second < bySecond.length; second++) sum += bySecond[second] ?? 0;
  return sum;
}
