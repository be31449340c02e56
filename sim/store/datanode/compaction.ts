import type { DiskError, DiskHandler, DiskResult } from '../../host.ts';
import type { BlockEntry } from './block-index.ts';
import type { CommitWaiter } from './commit-queue.ts';
import type { DiskHealth } from './disk-health.ts';
import type { BlockLog, ShrinkListener } from './log.ts';
import { LogWrite } from './log-write.ts';
import { BLOCK, type RecordHeader, verifiedBody } from './record-format.ts';
import type { Segment } from './segment.ts';
import { SegmentReader, type SegmentVisitor } from './segment-reader.ts';

/**
 * Keeps the log's size in proportion to what it holds: a full segment whose live share has fallen under the threshold
 * is rewritten, one at a time, the emptiest first. With threshold t the log is at most about 1/t times its live data
 * (Rosenblum and Ousterhout, "The design and implementation of a log-structured file system", 1992).
 */
export class Compactor implements ShrinkListener {
  readonly #log: BlockLog;
  readonly #health: DiskHealth;
  #running: Compaction | undefined;
  /** Segments that could not be rewritten for want of space or by a failed read: left alone until they shrink further. */
  readonly #given = new Map<Segment, number>();

  constructor(log: BlockLog, health: DiskHealth) {
    this.#log = log;
    this.#health = health;
    log.listen(this);
  }

  get running(): Compaction | undefined {
    return this.#running;
  }

  /** Looks for work: at the start, since the index was just rebuilt. */
  start(): void {
    this.#next();
  }

  onSegmentShrunk(segment: Segment): void {
    if (this.#running === undefined && this.#isWorthwhile(segment)) this.#next();
  }

  ended(segment: Segment, removed: boolean): void {
    this.#running = undefined;
    if (removed) {
      this.#given.delete(segment);
      this.#log.forget(segment);
    } else {
      segment.state = 'sealed';
      this.#given.set(segment, segment.liveBytes);
    }
    this.#next();
  }

  #next(): void {
    let emptiest: Segment | undefined;
    for (const segment of this.#log.segments) {
      if (!this.#isWorthwhile(segment)) continue;
      if (emptiest === undefined || share(segment) < share(emptiest)) emptiest = segment;
    }
    if (emptiest === undefined) return;
    this.#running = new Compaction(this.#log, this.#health, emptiest, this);
    this.#running.start();
  }

  #isWorthwhile(segment: Segment): boolean {
    if (segment.state !== 'sealed' || share(segment) >= this.#log.config.compactionLiveShare) return false;
    const given = this.#given.get(segment);
    return segment.liveBytes <= this.#log.reserveBytes && (given === undefined || segment.liveBytes < given);
  }
}

function share(segment: Segment): number {
  return segment.chargedBytes === 0 ? 0 : segment.liveBytes / segment.chargedBytes;
}

/**
 * The rewriting of one segment: live records are copied to the end of the log, then, once all that was appended so far
 * is durable, the file is removed. A crash at any point leaves at worst two copies of a record, of which the later counts.
 */
export class Compaction implements SegmentVisitor, CommitWaiter, DiskHandler {
  readonly #log: BlockLog;
  readonly #health: DiskHealth;
  readonly #segment: Segment;
  readonly #owner: Compactor;
  readonly #moved: BlockEntry[] = [];
  #state: 'copying' | 'syncing' | 'removing' | 'ended' = 'copying';
  /** Live bytes of the tombstones that were met: the ledger counts them until the segment is gone. */
  #tombstoneBytes = 0;
  #failed = false;

  constructor(log: BlockLog, health: DiskHealth, segment: Segment, owner: Compactor) {
    this.#log = log;
    this.#health = health;
    this.#segment = segment;
    this.#owner = owner;
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
    this.#health.errors += 1;
    this.#failed = true;
    this.#end(false);
  }

  /** All copies are durable, and so is whatever made the other records obsolete. */
  onDurable(): void {
    if (this.#state !== 'syncing') return;
    if (this.#failed) {
      this.#end(false);
      return;
    }
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
    this.#end(true);
  }

  /**
   * Live records were not met, so their headers have gone bad. The segment stays, until good copies have replaced the
   * blocks; a tombstone that cannot be read keeps it until nothing needs that tombstone.
   */
  #reportUnmet(): void {
    this.#failed = true;
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
      log.relocateTombstone(header, record, new Relocation(this, undefined, log));
      return;
    }
    // The id was added again. A copy of the tombstone would kill it at the next start; the block's own record overrides
    // what the tombstone covered, and the tombstone of that block will have to cover it too.
    entry.oldestSegment = Math.min(entry.oldestSegment, firstCovered);
  }

  #end(removed: boolean): void {
    this.#state = 'ended';
    this.#owner.ended(this.#segment, removed);
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
