import type { Clock, Disk } from '../../host.ts';
import type { DataNodeConfig } from './config.ts';

/** Who wants room: copies and compaction may go on where new blocks of clients are refused already. */
export type SpacePurpose = 'repair' | 'compaction';

/** What of the configuration says how full the disk may get. */
export type SpaceConfig = Pick<
  DataNodeConfig,
  'readOnlyRatio' | 'readOnlyHysteresis' | 'repairReserve' | 'deleteReserve' | 'noSpaceRetryMs'
>;

/**
 * Who may use what is left of the disk. Room is used in this order: clients' blocks up to the read-only limit; copies for
 * repairs and moves into the reserve above it; compaction, which gives room back, up to the last reserve; that one is for
 * tombstones, so that deletes always work. What will be written later (a copy on its way, a segment that is being
 * rewritten) is reserved first, so that no two of them count on the same bytes: used + reserved never exceeds the capacity.
 */
export class SpaceBudget {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #config: SpaceConfig;
  #reservedBytes = 0;
  #readOnly = false;
  #refusedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(disk: Disk, clock: Clock, config: SpaceConfig) {
    this.#disk = disk;
    this.#clock = clock;
    this.#config = config;
  }

  /** Promised, and not written yet. */
  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  /** New blocks are refused, until the fullness has fallen well under the limit. */
  get readOnly(): boolean {
    if (this.#clock.nowMs() < this.#refusedUntilMs) return true;
    const { readOnlyRatio } = this.#config;
    const filled = this.#filledBytes;
    if (filled <= this.#reopenBytes) this.#readOnly = false;
    else if (filled >= readOnlyRatio * this.#disk.capacityBytes) this.#readOnly = true;
    return this.#readOnly;
  }

  /** Is there room for a client's block of this charge, which is written at once? */
  admits(chargeBytes: number): boolean {
    if (this.readOnly) return false;
    const filled = this.#filledBytes;
    if (filled + chargeBytes <= this.#config.readOnlyRatio * this.#disk.capacityBytes) return true;
    // A small block that finds no room shows that the disk is full; a large one only that it is large.
    if (filled > this.#reopenBytes) this.#readOnly = true;
    return false;
  }

  /** Sets room aside. Returns false, and does nothing, if there is not enough. */
  reserve(purpose: SpacePurpose, bytes: number): boolean {
    if (!this.mayReserve(purpose, bytes)) return false;
    this.#reservedBytes += bytes;
    return true;
  }

  /** Nothing may always be set aside: so a segment without live data can go however full the disk is. */
  mayReserve(purpose: SpacePurpose, bytes: number): boolean {
    if (bytes === 0) return true;
    const { readOnlyRatio, repairReserve, deleteReserve } = this.#config;
    const ratio = purpose === 'repair' ? readOnlyRatio + repairReserve : 1 - deleteReserve;
    return this.#filledBytes + bytes <= ratio * this.#disk.capacityBytes;
  }

  /** What was set aside is written now, or is not needed after all. */
  release(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** The disk itself had no room, though by this reckoning there was some: it is let be for a while. */
  onNoSpace(): void {
    this.#refusedUntilMs = this.#clock.nowMs() + this.#config.noSpaceRetryMs;
  }

  get #filledBytes(): number {
    return this.#disk.usedBytes + this.#reservedBytes;
  }

  get #reopenBytes(): number {
    const { readOnlyRatio, readOnlyHysteresis } = this.#config;
    return Math.max(0, readOnlyRatio - readOnlyHysteresis) * this.#disk.capacityBytes;
  }
}
