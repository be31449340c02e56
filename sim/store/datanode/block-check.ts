import type { DiskHandler, DiskResult } from '../../host.ts';
import type { BlockEntry } from './block-index.ts';
import type { DiskHealth } from './disk-health.ts';
import type { BlockLog } from './log.ts';
import { verifiedBody } from './record-format.ts';

export interface CheckListener {
  /** The block was read and verified, or was quarantined, or the disk would not read it now. */
  onChecked(outcome: 'good' | 'bad' | 'unread'): void;
}

/** Reads a block that is here, only to see whether it is good: it may have rotted since the node started. */
export class BlockCheck implements DiskHandler {
  readonly #log: BlockLog;
  readonly #health: DiskHealth;
  readonly #entry: BlockEntry;
  readonly #listener: CheckListener;

  constructor(log: BlockLog, health: DiskHealth, entry: BlockEntry, listener: CheckListener) {
    this.#log = log;
    this.#health = health;
    this.#entry = entry;
    this.#listener = listener;
  }

  start(): void {
    this.#log.read(this.#entry, this, 0);
  }

  onDisk(_tag: number, result: DiskResult): void {
    const entry = this.#entry;
    if (!result.ok) {
      this.#health.readFailed(this.#log, entry, result.error, 'copy');
      this.#listener.onChecked(entry.quarantined ? 'bad' : 'unread');
      return;
    }
    const good = result.bytes !== undefined && verifiedBody(result.bytes, entry) !== undefined;
    if (good) this.#health.readWell(entry);
    else this.#health.quarantine(this.#log, entry, 'copy');
    this.#listener.onChecked(good ? 'good' : 'bad');
  }
}
