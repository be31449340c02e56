import type { DiskError, DiskHandler, DiskResult } from '../../host.ts';
import type { BlockEntry } from './block-index.ts';
import type { CommitWaiter } from './commit-queue.ts';
import type { DiskHealth } from './disk-health.ts';
import { type BlockLog, chargedBytes } from './log.ts';
import { LogWrite } from './log-write.ts';
import { BLOCK, type RecordHeader, verifiedBody } from './record-format.ts';
import type { Segment } from './segment.ts';
import { SegmentReader, type SegmentVisitor } from './segment-reader.ts';
import type { UpkeepPace } from './upkeep-pace.ts';

/** How the rewriting of a segment ended. `failed`: for want of space or by a failed read; it may go better later. */
export type CompactionOutcome = 'removed' | 'damaged' | 'failed';

export interface CompactionOwner {
  compactionEnded(segment: Segment, outcome: CompactionOutcome): void;
}

/**
 * The rewriting of one segment: live records are copied to the end of the log, then, once all that was appended so far
 * is durable, the file is removed. A crash at any point leaves at worst two copies of a record, of which the later counts.
 */
export class Compaction implements SegmentVisitor, CommitWaiter, DiskHandler {
  readonly #log: BlockLog;
  readonly #health: DiskHealth;
  readonly #pace: UpkeepPace;
  readonly #segment: Segment;
  readonly #owner: CompactionOwner;
  readonly #moved: BlockEntry[] = [];
  #state: 'copying' | 'syncing' | 'removing' | 'ended' = 'copying';
  /** Live bytes of the tombstones that were met: the ledger counts them until the segment is gone. */
  #tombstoneBytes = 0;
  #failed = false;
  #damaged = false;
  /** Room that was set aside and is not used yet. */
  #reservedBytes: number;

  constructor(log: BlockLog, health: DiskHealth, pace: UpkeepPace, segment: Segment, owner: CompactionOwner) {
    this.#log = log;
    this.#health = health;
    this.#pace = pace;
    this.#segment = segment;
    this.#owner = owner;
    this.#reservedBytes = segment.liveBytes;
  }

  get state(): string {
    return this.#state;
  }

  start(): void {
    const { config, host, salt } = this.#log;
    const segment = this.#segment;
    segment.state = 'compacting';
    if (segment.liveBytes === 0) {
      this.#state = 'syncing';
      this.#log.settle(this);
      return;
    }
    const reader = new SegmentReader(
      host.disk,
      segment.file,
      segment.lengthBytes,
      'whole',
      salt,
      config.scanWindowBytes,
      this,
      this.#pace,
    );
    reader.start();
  }

  onRecord(header: RecordHeader, offset: number, record: Uint8Array | undefined): void {
    const log = this.#log;
    if (record === undefined || this.#failed) return;
    const entry = log.index.get(header.partition, header.id);
    if (header.type !== BLOCK) {
      this.#keepTombstone(header, record, entry);
      return;
    }
    if (entry === undefined || entry.segment !== this.#segment || entry.offset !== offset) return;
    // A bad copy is carried along, so that it can still be inspected, until a good one replaces it.
    if (verifiedBody(record, entry) === undefined) this.#health.quarantine(log, entry, 'scrub');
    this.#moved.push(entry);
    this.#use(chargedBytes(entry));
    log.relocate(entry, record, new Relocation(this, entry, log));
  }

  onUnreadable(): void {
    // What it was shows at the end: by then all that is live should have been met.
  }

  onEnd(): void {
    if (this.#segment.liveBytes > this.#tombstoneBytes) this.#reportUnmet();
    this.#state = 'syncing';
    this.#log.settle(this);
  }

  onReadFailed(_error: DiskError): void {
    this.#health.operationFailed();
    this.#failed = true;
    this.#end('failed');
  }

  /** All copies are durable, and so is whatever made the other records obsolete. */
  onDurable(): void {
    if (this.#state !== 'syncing') return;
    if (this.#failed) return this.#end('failed');
    if (this.#damaged) return this.#end('damaged');
    this.#state = 'removing';
    this.#log.host.disk.remove(this.#segment.file, this, 0);
  }

  /** The file is gone, durably: only now may tombstones that had covered it go too. */
  onDisk(_tag: number, result: DiskResult): void {
    if (!result.ok) {
      this.#log.host.abort(`removal of ${this.#segment.file} failed: ${result.error}`);
      return;
    }
    const { number } = this.#segment;
    for (const entry of this.#moved) if (entry.oldestSegment === number) entry.oldestSegment = entry.segment.number;
    this.#end('removed');
  }

  /**
   * Live records were not met, so their headers have gone bad. The segment stays, until good copies have replaced the
   * blocks; a tombstone that cannot be read keeps it until nothing needs that tombstone.
   */
  #reportUnmet(): void {
    this.#damaged = true;
    const log = this.#log;
    for (const inventory of log.index.inventories()) {
      for (const entry of inventory.entries.values()) {
        if (entry.segment === this.#segment) this.#health.quarantine(log, entry, 'scrub');
      }
    }
  }

  /** There was no space for a copy. */
  relocationFailed(): void {
    this.#failed = true;
  }

  #keepTombstone(header: RecordHeader, record: Uint8Array, entry: BlockEntry | undefined): void {
    const { firstCovered, lastCovered } = header;
    const log = this.#log;
    if (log.tombstones.isNeeded(firstCovered, lastCovered)) this.#tombstoneBytes += record.length;
    if (!log.tombstones.isNeeded(firstCovered, lastCovered, this.#segment)) return;
    if (entry === undefined) {
      this.#use(record.length);
      log.relocateTombstone(header, record, new Relocation(this, undefined, log));
      return;
    }
    // The id was added again. A copy of the tombstone would kill it at the next start; the block's own record overrides
    // what the tombstone covered, and the tombstone of that block will have to cover it too.
    entry.oldestSegment = Math.min(entry.oldestSegment, firstCovered);
  }

  /** So much of the room that was set aside is written to now. */
  #use(bytes: number): void {
    const usedBytes = Math.min(bytes, this.#reservedBytes);
    this.#reservedBytes -= usedBytes;
    this.#log.space.release(usedBytes);
    this.#pace.pay(bytes);
  }

  #end(outcome: CompactionOutcome): void {
    this.#state = 'ended';
    this.#log.space.release(this.#reservedBytes);
    this.#reservedBytes = 0;
    this.#owner.compactionEnded(this.#segment, outcome);
  }
}

/** One record on its way to the end of the log. */
class Relocation extends LogWrite {
  readonly #compaction: Compaction;
  readonly #entry: BlockEntry | undefined;
  readonly #log: BlockLog;
  readonly #from: Segment | undefined;
  readonly #fromOffset: number;

  constructor(compaction: Compaction, entry: BlockEntry | undefined, log: BlockLog) {
    super();
    this.#compaction = compaction;
    this.#entry = entry;
    this.#log = log;
    this.#from = entry?.segment;
    this.#fromOffset = entry?.offset ?? 0;
  }

  protected override onStored(): void {}

  protected override onNoSpace(): void {}

  protected override undo(): void {
    this.#compaction.relocationFailed();
    if (this.#entry !== undefined && this.#from !== undefined) {
      this.#log.undoRelocation(this.#entry, this.#from, this.#fromOffset);
    }
  }
}
