import type { DiskError, Host } from '../../host.ts';
import type { StoreEvent } from '../events.ts';
import type { BlockEntry } from './block-index.ts';
import type { DataNodeConfig } from './config.ts';
import type { BlockLog } from './log.ts';

type CorruptionFound = Extract<StoreEvent, { kind: 'corruption' }>['found'];

/** A block whose bytes failed their checksum. */
export interface CorruptBlock {
  readonly id: string;
  readonly partition: number;
}

/** A block that the disk would not read: since when, and how often. */
interface Unreadable {
  readonly sinceMs: number;
  failures: number;
}

/** Failed reads of one block before it is given up; see `unreadableMs`. */
const FAILURES_TO_GIVE_UP = 3;

/**
 * What this node has found wrong with its disk, and has to tell metadata. Rot and failed operations are told apart: bytes
 * that fail their checksum are bad for good, while a read that fails may succeed a moment later (a controller that resets,
 * a cable). So such a block stays, until it has been unreadable for long (a latent sector error: Bairavasundaram et al.,
 * "An analysis of latent sector errors in disk drives", SIGMETRICS 2007).
 */
export class DiskHealth {
  readonly #host: Host;
  readonly #config: Pick<DataNodeConfig, 'failingErrors' | 'failingWindowMs' | 'unreadableMs'>;
  /** Reads that failed or did not verify, and stretches of log that could not be read. */
  errors = 0;
  /** Quarantined since the last acknowledged heartbeat, oldest first. */
  readonly unreported: CorruptBlock[] = [];
  /** When the latest operations failed, oldest first; at most `failingErrors` of them. */
  readonly #failedAtMs: number[] = [];
  readonly #unreadable = new Map<BlockEntry, Unreadable>();

  constructor(host: Host, config: Pick<DataNodeConfig, 'failingErrors' | 'failingWindowMs' | 'unreadableMs'>) {
    this.#host = host;
    this.#config = config;
  }

  /** Has the disk failed so often of late that it is in doubt as a whole? */
  get failing(): boolean {
    const [oldest] = this.#failedAtMs;
    const { failingErrors, failingWindowMs } = this.#config;
    if (oldest === undefined || this.#failedAtMs.length < failingErrors) return false;
    return this.#host.clock.nowMs() - oldest <= failingWindowMs;
  }

  /** An operation of the disk failed. */
  operationFailed(): void {
    this.errors += 1;
    this.#failedAtMs.push(this.#host.clock.nowMs());
    if (this.#failedAtMs.length > this.#config.failingErrors) this.#failedAtMs.shift();
  }

  /** A block could not be read. Returns whether it is given up: then it was quarantined. */
  readFailed(log: BlockLog, entry: BlockEntry, error: DiskError, found: CorruptionFound): boolean {
    this.operationFailed();
    const nowMs = this.#host.clock.nowMs();
    const unreadable = this.#unreadable.get(entry) ?? { sinceMs: nowMs, failures: 0 };
    unreadable.failures += 1;
    const lasting =
      unreadable.failures >= FAILURES_TO_GIVE_UP && nowMs - unreadable.sinceMs >= this.#config.unreadableMs;
    // Where no such bytes stand any more, none will come back.
    if (error === 'io-error' && !lasting) {
      this.#unreadable.set(entry, unreadable);
      return false;
    }
    this.#unreadable.delete(entry);
    this.#withdraw(log, entry, found);
    return true;
  }

  /** A block was read and is good. */
  readWell(entry: BlockEntry): void {
    entry.verified = true;
    if (this.#unreadable.size > 0) this.#unreadable.delete(entry);
  }

  /** A block's bytes are bad: it leaves the inventory and is reported. */
  quarantine(log: BlockLog, entry: BlockEntry, found: CorruptionFound): void {
    this.errors += 1;
    this.#withdraw(log, entry, found);
  }

  emit(event: StoreEvent): void {
    this.#host.trace.emit(event);
  }

  #withdraw(log: BlockLog, entry: BlockEntry, found: CorruptionFound): void {
    if (!log.index.quarantine(entry)) return;
    const { id, partition } = entry;
    this.unreported.push({ id, partition });
    this.emit({ kind: 'corruption', id, partition, found });
    this.emit({ kind: 'block-removed', id, partition, why: 'quarantined' });
  }
}
