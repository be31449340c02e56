import type { DiskHandler, Host } from '../../host.ts';
import type { BlockRef } from '../model.ts';
import { type BlockEntry, BlockIndex } from './block-index.ts';
import { CommitQueue, type CommitWaiter } from './commit-queue.ts';
import type { DataNodeConfig } from './config.ts';
import type { LogWrite } from './log-write.ts';
import { encodeBlock, encodeTombstone, headerBytes, headerChecksumOf, type RecordHeader } from './record-format.ts';
import { Segment } from './segment.ts';
import { SpaceBudget } from './space-budget.ts';
import { TombstoneLedger } from './tombstone-ledger.ts';

/** Who wants to know that a segment has less live data than before, or is full. */
export interface ShrinkListener {
  onSegmentShrunk(segment: Segment): void;
}

/** What a block is charged for on disk: its declared size and its header. */
export function chargedBytes(entry: {
  readonly id: string;
  readonly lengthBytes: number;
  readonly sizeBytes: number;
}): number {
  return headerBytes(entry.id.length, entry.lengthBytes) + entry.sizeBytes;
}

/**
 * The append-only log of blocks and tombstones, and the index over it. What was last appended for an id counts. The
 * index follows at once, so that later requests see a write; what may be *answered* is decided by {@link isDurable}.
 */
export class BlockLog {
  readonly host: Host;
  readonly config: DataNodeConfig;
  readonly index = new BlockIndex();
  /** Ascending by number; the last one is active. Changed by the log, the start-up scan and compaction only. */
  readonly segments: Segment[] = [];
  readonly tombstones = new TombstoneLedger(this.segments);
  readonly commits: CommitQueue;
  readonly space: SpaceBudget;
  /** Where header checksums start: see record-format.ts. */
  readonly salt: number;
  readonly #syncs: boolean;
  #listener: ShrinkListener | undefined;

  constructor(host: Host, config: DataNodeConfig, salt: number) {
    this.host = host;
    this.config = config;
    this.salt = salt;
    this.commits = new CommitQueue(host);
    this.space = new SpaceBudget(host.disk, host.clock, config);
    this.#syncs = config.fsync === 'always-group';
  }

  /** From now on `listener` hears of every segment that shrinks. */
  listen(listener: ShrinkListener): void {
    this.#listener = listener;
  }

  /** Appends a block, in place of any other of its id. */
  put(block: BlockRef, generation: number, body: Uint8Array, write: LogWrite): BlockEntry {
    const { id, partition, sizeBytes, checksum } = block;
    const previous = this.index.get(partition, id);
    const segment = this.#activeSegment();
    const entry: BlockEntry = {
      id,
      partition,
      generation,
      sizeBytes,
      lengthBytes: body.length,
      checksum,
      headerChecksum: 0,
      segment,
      offset: 0,
      oldestSegment: previous?.oldestSegment ?? segment.number,
      commit: 0,
      sinceMs: this.host.clock.nowMs(),
      verified: true,
      quarantined: false,
    };
    const charge = chargedBytes(entry);
    const record = encodeBlock(entry, body, this.salt);
    entry.headerChecksum = headerChecksumOf(record, record.length - body.length);
    entry.offset = this.#append(segment, record, charge, write, this.#syncs);
    segment.liveBytes += charge;
    this.index.put(entry);
    entry.commit = this.#commit(segment, write);
    // Last, so that a compaction which begins now waits for this record too.
    if (previous !== undefined) this.#shrink(previous.segment, chargedBytes(previous));
    return entry;
  }

  /** Takes back a put that found no space: `previous` counts again. */
  undoPut(entry: BlockEntry, previous: BlockEntry | undefined): void {
    this.#shrink(entry.segment, chargedBytes(entry));
    if (this.index.get(entry.partition, entry.id) !== entry) return;
    this.index.remove(entry);
    if (previous === undefined) return;
    previous.segment.liveBytes += chargedBytes(previous);
    this.index.put(previous);
  }

  /** Appends tombstones for blocks that are in the index, as one append. */
  remove(entries: readonly BlockEntry[], write: LogWrite): void {
    const segment = this.#activeSegment();
    const records = entries.map((entry) =>
      encodeTombstone(entry, entry.oldestSegment, entry.segment.number, this.salt),
    );
    const lengthBytes = records.reduce((sum, record) => sum + record.length, 0);
    const bytes = new Uint8Array(lengthBytes);
    let at = 0;
    for (const record of records) {
      bytes.set(record, at);
      at += record.length;
    }
    this.#append(segment, bytes, lengthBytes, write, this.#syncs);
    for (const entry of entries) {
      this.index.remove(entry);
      this.tombstones.add(segment, entry.oldestSegment, entry.segment.number, tombstoneBytes(entry));
    }
    this.#commit(segment, write);
    for (const entry of entries) this.#shrink(entry.segment, chargedBytes(entry));
  }

  /** Takes back a removal that found no space. Its entries in the ledger stay, and cost nothing but their bytes. */
  undoRemove(entries: readonly BlockEntry[]): void {
    for (const entry of entries) {
      if (this.index.get(entry.partition, entry.id) !== undefined) continue;
      entry.segment.liveBytes += chargedBytes(entry);
      this.index.put(entry);
    }
  }

  /** Appends a copy of a live block's record to the active segment, for compaction. */
  relocate(entry: BlockEntry, record: Uint8Array, write: LogWrite): void {
    const segment = this.#activeSegment();
    const charge = chargedBytes(entry);
    entry.segment.liveBytes -= charge;
    entry.offset = this.#append(segment, record, charge, write, true);
    entry.segment = segment;
    segment.liveBytes += charge;
    entry.commit = this.commits.join(segment, write);
  }

  /** Takes back a relocation that found no space. */
  undoRelocation(entry: BlockEntry, from: Segment, offset: number): void {
    const charge = chargedBytes(entry);
    entry.segment.liveBytes -= charge;
    // Whatever has replaced it meanwhile was counted against where it stood by then.
    if (this.index.get(entry.partition, entry.id) !== entry) return;
    entry.segment = from;
    entry.offset = offset;
    from.liveBytes += charge;
  }

  /** Appends a copy of a tombstone that is still needed, for compaction. */
  relocateTombstone(header: RecordHeader, record: Uint8Array, write: LogWrite): void {
    const segment = this.#activeSegment();
    this.#append(segment, record, record.length, write, true);
    this.tombstones.add(segment, header.firstCovered, header.lastCovered, record.length);
    this.commits.join(segment, write);
  }

  /** Start-up: a block's record was found. It counts until a later record of its id is. */
  replayBlock(header: RecordHeader, segment: Segment, offset: number): BlockEntry {
    const { id, partition, generation, sizeBytes, lengthBytes, checksum, headerChecksum } = header;
    const previous = this.index.get(partition, id);
    const entry: BlockEntry = {
      id,
      partition,
      generation,
      sizeBytes,
      lengthBytes,
      checksum,
      headerChecksum,
      segment,
      offset,
      oldestSegment: previous?.oldestSegment ?? segment.number,
      commit: 0,
      sinceMs: this.host.clock.nowMs(),
      verified: false,
      quarantined: false,
    };
    const charge = chargedBytes(entry);
    segment.chargedBytes += charge;
    segment.liveBytes += charge;
    if (previous !== undefined) previous.segment.liveBytes -= chargedBytes(previous);
    this.index.put(entry);
    return entry;
  }

  /** Start-up: a tombstone was found. `segments` must be complete. */
  replayTombstone(header: RecordHeader, segment: Segment): void {
    const { id, partition, firstCovered, lastCovered } = header;
    const lengthBytes = headerBytes(id.length, 0);
    segment.chargedBytes += lengthBytes;
    const entry = this.index.get(partition, id);
    if (entry !== undefined) {
      entry.segment.liveBytes -= chargedBytes(entry);
      this.index.remove(entry);
    }
    if (this.tombstones.isNeeded(firstCovered, lastCovered)) {
      this.tombstones.add(segment, firstCovered, lastCovered, lengthBytes);
    }
  }

  /** Reads a block's whole record. */
  read(entry: BlockEntry, handler: DiskHandler, tag: number): void {
    const lengthBytes = headerBytes(entry.id.length, entry.lengthBytes) + entry.lengthBytes;
    this.host.disk.read(entry.segment.file, entry.offset, lengthBytes, chargedBytes(entry), handler, tag);
  }

  /** May the block be shown to others: would it survive a crash? */
  isDurable(entry: BlockEntry): boolean {
    return !this.#syncs || this.commits.isDurable(entry.commit);
  }

  /** Tells `waiter` when the entry is durable, which it is not yet. */
  whenDurable(entry: BlockEntry, waiter: CommitWaiter): void {
    this.commits.wait(entry.commit, waiter);
  }

  /** Tells `waiter` when all that was appended so far is durable: at once if it is already. */
  settle(waiter: CommitWaiter): void {
    const { pending } = this.commits;
    if (pending === 0) waiter.onDurable();
    else this.commits.wait(pending, waiter);
  }

  /** A segment's file is gone for good. */
  forget(segment: Segment): void {
    this.segments.splice(this.segments.indexOf(segment), 1);
    this.tombstones.onRemoved(segment);
  }

  /** Ends the active segment, so that compaction may take it. */
  #seal(segment: Segment): void {
    segment.state = 'sealed';
    this.#listener?.onSegmentShrunk(segment);
  }

  #activeSegment(): Segment {
    const last = this.segments.at(-1);
    if (last !== undefined && last.state === 'active') {
      // A third segment begins only when the first is durable as a whole: the start-up scan relies on it.
      if (last.chargedBytes < this.config.segmentBytes || !this.commits.awaitsOnly(last)) return last;
    }
    const next = new Segment((last?.number ?? 0) + 1);
    this.segments.push(next);
    if (last?.state === 'active') this.#seal(last);
    return next;
  }

  #append(segment: Segment, bytes: Uint8Array, charge: number, write: LogWrite, syncs: boolean): number {
    segment.chargedBytes += charge;
    const offset = this.host.disk.append(segment.file, bytes, charge, write, 0);
    segment.lengthBytes = offset + bytes.length;
    write.begin(this, segment, offset, bytes.length, charge, syncs);
    return offset;
  }

  #commit(segment: Segment, write: LogWrite): number {
    return this.#syncs ? this.commits.join(segment, write) : 0;
  }

  #shrink(segment: Segment, charge: number): void {
    segment.liveBytes -= charge;
    this.#listener?.onSegmentShrunk(segment);
  }
}

function tombstoneBytes(entry: BlockEntry): number {
  return headerBytes(entry.id.length, 0);
}
