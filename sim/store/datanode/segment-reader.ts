import type { Disk, DiskError, DiskHandler, DiskResult } from '../../host.ts';
import { decodeHeader, getU32, headerBytes, RECORD_MAGIC, type RecordHeader } from './record-format.ts';
import type { TurnHandler, UpkeepPace } from './upkeep-pace.ts';

/** Whoever walks through a segment. All calls come in the order of the file; the last is `onEnd` or `onReadFailed`. */
export interface SegmentVisitor {
  /** A record with a good header. `record` is all of it when whole records are read, and its body is yet unverified. */
  onRecord(header: RecordHeader, offset: number, record: Uint8Array | undefined): void;
  /** Bytes that are no record, with a good record after them. */
  onUnreadable(offset: number, lengthBytes: number): void;
  /** The end. What lies beyond `readableBytes` is no record, nor begins one that is complete. */
  onEnd(readableBytes: number): void;
  onReadFailed(error: DiskError): void;
}

/**
 * Walks through one segment from its beginning, a window at a time. `skim` looks at headers only and is charged for
 * the real bytes it reads; `whole` reads bodies too and is charged for their declared sizes.
 *
 * With a `pace` it waits for its turn before each read, and never reads much more than a window's declared bytes at once.
 *
 * After something unreadable it goes on at the next header whose checksum holds, so one bad record never hides others.
 */
export class SegmentReader implements DiskHandler, TurnHandler {
  readonly #disk: Disk;
  readonly #file: string;
  readonly #lengthBytes: number;
  readonly #mode: 'skim' | 'whole';
  readonly #salt: number;
  readonly #windowBytes: number;
  readonly #visitor: SegmentVisitor;
  readonly #pace: UpkeepPace | undefined;
  #state: 'walking' | 'paying' | 'settling' | 'stopped' = 'walking';
  #window: Uint8Array = new Uint8Array(0);
  /** Offsets in the file: of the window, of what is looked at next, of the first byte that could not be read. */
  #windowAt = 0;
  #wantedBytes = 0;
  #at = 0;
  #unreadableAt = -1;
  /** Declared bytes that were read and not charged yet: the next read pays for them. */
  #owedBytes = 0;

  constructor(
    disk: Disk,
    file: string,
    lengthBytes: number,
    mode: 'skim' | 'whole',
    salt: number,
    windowBytes: number,
    visitor: SegmentVisitor,
    pace?: UpkeepPace,
  ) {
    this.#disk = disk;
    this.#file = file;
    this.#lengthBytes = lengthBytes;
    this.#mode = mode;
    this.#salt = salt;
    this.#windowBytes = windowBytes;
    this.#visitor = visitor;
    this.#pace = pace;
  }

  /** Begins. The visitor hears nothing before this returns. */
  start(): void {
    this.#fetch(0, this.#windowBytes);
  }

  /** The visitor wants no more: not even the end. */
  stop(): void {
    this.#state = 'stopped';
  }

  onDisk(_tag: number, result: DiskResult): void {
    if (this.#state === 'stopped') return;
    if (!result.ok) this.#visitor.onReadFailed(result.error);
    else if (this.#state === 'settling') this.#end();
    else if (this.#state === 'paying') {
      this.#state = 'walking';
      this.#walk();
    } else {
      this.#window = result.bytes ?? new Uint8Array(0);
      this.#walk();
    }
  }

  #fetch(at: number, lengthBytes: number): void {
    this.#windowAt = at;
    this.#wantedBytes = Math.min(lengthBytes, this.#lengthBytes - at);
    this.#awaitTurn();
  }

  #awaitTurn(): void {
    if (this.#pace === undefined) this.onTurn();
    else this.#pace.awaitTurn(this);
  }

  /** It may read now: the next window, or a byte that only stands for declared bytes that were not charged yet. */
  onTurn(): void {
    if (this.#state === 'stopped') return;
    const walking = this.#state === 'walking';
    const lengthBytes = walking ? this.#wantedBytes : 1;
    const chargeBytes = this.#owedBytes + (walking ? lengthBytes : 0);
    this.#owedBytes = 0;
    this.#pace?.pay(chargeBytes);
    this.#disk.read(this.#file, walking ? this.#windowAt : 0, lengthBytes, chargeBytes, this, 0);
  }

  #walk(): void {
    while (this.#state === 'walking') {
      if (this.#at >= this.#lengthBytes) return this.#settle();
      if (this.#pace !== undefined && this.#owedBytes >= this.#windowBytes) {
        this.#state = 'paying';
        return this.#awaitTurn();
      }
      const within = this.#at - this.#windowAt;
      if (within >= this.#window.length) return this.#fetch(this.#at, this.#windowBytes);
      const header = decodeHeader(this.#window, within, this.#salt);
      if (header === 'incomplete' && !this.#seesEnd) {
        const longer = within === 0 ? 2 * this.#window.length : this.#windowBytes;
        return this.#fetch(this.#at, longer);
      }
      if (header === 'incomplete' || header === 'invalid') {
        // A length that was damaged also looks incomplete: good records may follow.
        this.#resync(within + 1);
        continue;
      }
      const bodyAt = headerBytes(header.id.length, header.lengthBytes);
      const total = bodyAt + header.lengthBytes;
      if (this.#at + total > this.#lengthBytes) {
        this.#reportUnreadable();
        return this.#settle();
      }
      const whole = this.#mode === 'whole';
      if (whole && within + total > this.#window.length)
        return this.#fetch(this.#at, Math.max(total, this.#windowBytes));
      this.#reportUnreadable();
      if (whole) this.#owedBytes += header.sizeBytes - header.lengthBytes;
      this.#visitor.onRecord(header, this.#at, whole ? this.#window.subarray(within, within + total) : undefined);
      this.#at += total;
    }
  }

  get #seesEnd(): boolean {
    return this.#windowAt + this.#window.length >= this.#lengthBytes;
  }

  /** Moves on to the next place in the window, from `within`, where a header may begin. */
  #resync(within: number): void {
    if (this.#unreadableAt < 0) this.#unreadableAt = this.#at;
    let next = within;
    const last = this.#window.length - 4;
    while (next <= last && getU32(this.#window, next) !== RECORD_MAGIC) next += 1;
    // The last three bytes may begin a magic that the next window completes.
    this.#at = next > last && this.#seesEnd ? this.#lengthBytes : this.#windowAt + next;
  }

  #reportUnreadable(): void {
    if (this.#unreadableAt < 0) return;
    this.#visitor.onUnreadable(this.#unreadableAt, this.#at - this.#unreadableAt);
    this.#unreadableAt = -1;
  }

  /** Pays for what is owed before the end is told. */
  #settle(): void {
    if (this.#owedBytes === 0) return this.#end();
    this.#state = 'settling';
    this.#awaitTurn();
  }

  #end(): void {
    this.#state = 'stopped';
    this.#visitor.onEnd(this.#unreadableAt >= 0 ? this.#unreadableAt : this.#at);
  }
}
