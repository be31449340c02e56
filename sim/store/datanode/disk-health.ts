import type { Host } from '../../host.ts';
import type { StoreEvent } from '../events.ts';
import type { BlockEntry } from './block-index.ts';
import type { BlockLog } from './log.ts';

type CorruptionFound = Extract<StoreEvent, { kind: 'corruption' }>['found'];

/** A block whose bytes failed their checksum. */
export interface CorruptBlock {
  readonly id: string;
  readonly partition: number;
}

/** What this node has found wrong with its disk, and has to tell metadata. */
export class DiskHealth {
  readonly #host: Host;
  /** Reads that failed or did not verify, and stretches of log that could not be read. */
  errors = 0;
  /** Quarantined since the last acknowledged heartbeat, oldest first. */
  readonly unreported: CorruptBlock[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  /** A block's bytes are bad, or cannot be read: it leaves the inventory and is reported. */
  quarantine(log: BlockLog, entry: BlockEntry, found: CorruptionFound): void {
    this.errors += 1;
    if (!log.index.quarantine(entry)) return;
    const { id, partition } = entry;
    this.unreported.push({ id, partition });
    this.emit({ kind: 'corruption', id, partition, found });
  }

  emit(event: StoreEvent): void {
    this.#host.trace.emit(event);
  }
}
