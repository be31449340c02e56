import type { NodeId } from '../host.ts';
import type { CheckResult } from '../record/schema.ts';
import { type Check, Tally } from './check.ts';
import type { OperationEvent } from './operation.ts';
import type { PartitionBytes } from './partition-bytes.ts';
import type { MoveStarted } from './rebalance-progress.ts';

/** How full a disk is. */
export interface DiskFill {
  readonly usedBytes: number;
  readonly capacityBytes: number;
}

/** What a transfer is still going to put on a node. */
interface Reservation {
  readonly node: NodeId;
  bytes: number;
}

/** I10: no disk holds more than it can, nor is promised more; and what is full can still be emptied. */
export class CapacityCheck implements Check {
  readonly id = 'I10';
  readonly statement =
    'No disk holds more bytes than its capacity, no transfer begins towards one where they would not fit beside those that are open, and no delete is refused for lack of space.';
  readonly kind = 'correctness';
  readonly #tally = new Tally(this);
  readonly #stored: PartitionBytes;
  readonly #reservations = new Map<number, Reservation>();
  readonly #reserved = new Map<NodeId, number>();
  #fullest = 0;

  constructor(stored: PartitionBytes) {
    this.#stored = stored;
  }

  onDisk(node: NodeId, usedBytes: number, capacityBytes: number, nowMs: number, event = 'look'): void {
    const fullness = usedBytes / capacityBytes;
    if (fullness > this.#fullest) this.#fullest = fullness;
    if (usedBytes <= capacityBytes) return this.#tally.pass();
    this.#tally.fail((at) => `${at(nowMs)}: ${node} holds ${usedBytes} bytes; its capacity is ${capacityBytes}`, {
      timeMs: nowMs,
      node,
      event,
    });
  }

  onDelete({ key, status, error }: OperationEvent, node: NodeId, nowMs: number): void {
    if (status === 'ok') return this.#tally.pass();
    if (!error.includes('space') && !error.includes('full')) return;
    this.#tally.fail((at) => `${at(nowMs)}: a delete of ${key} was refused for lack of space (${error})`, {
      timeMs: nowMs,
      node,
      key,
      event: 'delete',
    });
  }

  /** `disk`: of the target, if anybody can look at it. */
  onMoveStarted({ transferId, partition, to, blocks }: MoveStarted, disk: DiskFill | undefined, nowMs: number): void {
    const objects = this.#stored.objects(partition);
    // What the target holds already is not copied.
    const share = objects === 0 ? 0 : Math.min(1, blocks / objects);
    const bytes = Math.round(this.#stored.bytes(partition) * share);
    this.onMoveEnded(transferId);
    this.#reservations.set(transferId, { node: to, bytes });
    this.#reserve(to, bytes);
    if (disk === undefined) return;
    const reserved = this.#reserved.get(to) ?? 0;
    const { usedBytes, capacityBytes } = disk;
    if (usedBytes + reserved <= capacityBytes) return this.#tally.pass();
    this.#tally.fail(
      (at) =>
        `${at(nowMs)}: ${to} is to be given partition ${partition} with ${usedBytes} bytes used and ${reserved} on their way; its capacity is ${capacityBytes}`,
      { timeMs: nowMs, node: to, key: `partition ${partition}`, event: 'move-started' },
    );
  }

  onCopied(transferId: number, sizeBytes: number): void {
    const reservation = this.#reservations.get(transferId);
    if (reservation === undefined) return;
    const bytes = Math.min(reservation.bytes, sizeBytes);
    reservation.bytes -= bytes;
    this.#reserve(reservation.node, -bytes);
  }

  onMoveEnded(transferId: number): void {
    const reservation = this.#reservations.get(transferId);
    if (reservation === undefined) return;
    this.#reservations.delete(transferId);
    this.#reserve(reservation.node, -reservation.bytes);
  }

  /** A new leader: what its predecessor had open it may end without a word. */
  onElection(): void {
    this.#reservations.clear();
    this.#reserved.clear();
  }

  result(originMs?: number): CheckResult {
    return this.#tally.result(
      `the fullest disk was ${Math.round(this.#fullest * 1000) / 10} % full`,
      'no disk was read',
      originMs,
    );
  }

  #reserve(node: NodeId, bytes: number): void {
    this.#reserved.set(node, (this.#reserved.get(node) ?? 0) + bytes);
  }
}
