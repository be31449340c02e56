import type { DiskHandler, DiskResult } from '../../host.ts';
import type { BlockEntry } from './block-index.ts';
import type { DiskHealth } from './disk-health.ts';
import type { BlockLog } from './log.ts';
import { verifiedBody } from './record-format.ts';

export interface CheckListener {
  /** The block was read and verified, or was quarantined. */
  onChecked(good: boolean): void;
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
    const good = result.ok && result.bytes !== undefined && verifiedBody(result.bytes, entry) !== undefined;
    if (good) entry.verified = true;
    else this.#health.quarantine(this.#log, entry, 'copy');
    this.#listener.onChecked(good);
  }
}
