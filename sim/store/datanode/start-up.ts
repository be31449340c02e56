import type { DiskError, DiskHandler, DiskResult, FileInfo, Host } from '../../host.ts';
import type { DataNodeConfig } from './config.ts';
import { DiskHealth } from './disk-health.ts';
import { decodeIdentity, encodeIdentity, IDENTITY_FILE, newDiskId, saltOf } from './disk-identity.ts';
import { BlockLog } from './log.ts';
import { BLOCK, type RecordHeader, verifiedBody } from './record-format.ts';
import { Segment, segmentNumber } from './segment.ts';
import { SegmentReader, type SegmentVisitor } from './segment-reader.ts';

/** A disk that was found in order: what the node works on. */
export interface OpenedDisk {
  readonly diskId: string;
  readonly log: BlockLog;
  readonly health: DiskHealth;
  /** What was on the disk before. */
  readonly files: readonly FileInfo[];
}

/** How many of the newest segments may hold bytes that were never synced: see `BlockLog`. */
const UNSYNCED_SEGMENTS = 2;

const LISTED = 0;
const IDENTITY_READ = 1;
const IDENTITY_WRITTEN = 2;
const IGNORED = 3;
const TRIMMED = 4;
const SYNCED = 5;

/**
 * Opens the disk at the start of the process: names it if it is new, walks through all segments to rebuild the index,
 * verifies the bodies of the newest segments (the older ones were synced as a whole, and are verified when read), cuts
 * off a torn tail, and syncs what survived, so that it may be acknowledged.
 *
 * A record that is bad in the midst of the log is quarantined or, if its header is bad too, passed over.
 * A disk that cannot be read ends the process: such a node never registers.
 */
export class StartUp implements DiskHandler, SegmentVisitor {
  readonly #host: Host;
  readonly #config: DataNodeConfig;
  readonly #health: DiskHealth;
  readonly #onOpened: (disk: OpenedDisk) => void;
  #files: readonly FileInfo[] = [];
  #diskId = '';
  #log: BlockLog | undefined;
  /** Index of the segment that is being walked through. */
  #scanned = 0;
  #syncsOpen = 0;

  constructor(host: Host, config: DataNodeConfig, onOpened: (disk: OpenedDisk) => void) {
    this.#host = host;
    this.#config = config;
    this.#health = new DiskHealth(host, config);
    this.#onOpened = onOpened;
  }

  start(): void {
    this.#host.disk.list(this, LISTED);
  }

  onDisk(tag: number, result: DiskResult): void {
    if (tag === IGNORED) return;
    if (!result.ok) return this.#fail(result.error);
    if (tag === LISTED) this.#onListed(result.files ?? []);
    else if (tag === IDENTITY_READ) this.#onIdentity(decodeIdentity(result.bytes ?? new Uint8Array(0)));
    else if (tag === IDENTITY_WRITTEN) this.#open();
    else if (tag === TRIMMED) this.#nextSegment();
    else if (tag === SYNCED) {
      this.#syncsOpen -= 1;
      if (this.#syncsOpen === 0) this.#opened();
    }
  }

  #onListed(files: readonly FileInfo[]): void {
    this.#files = files;
    const identity = files.find((file) => file.name === IDENTITY_FILE);
    if (identity === undefined) this.#onIdentity(undefined);
    else this.#host.disk.read(IDENTITY_FILE, 0, identity.lengthBytes, identity.lengthBytes, this, IDENTITY_READ);
  }

  #onIdentity(diskId: string | undefined): void {
    if (diskId !== undefined) {
      this.#diskId = diskId;
      this.#open();
      return;
    }
    // The identity is durable before the first segment is begun, so here it was lost to damage, not to a crash.
    if (this.#files.some((file) => segmentNumber(file.name) !== undefined)) {
      this.#host.abort('disk check failed: there are segments, but no readable identity');
      return;
    }
    this.#diskId = newDiskId(this.#host);
    const bytes = encodeIdentity(this.#diskId);
    const { disk } = this.#host;
    disk.remove(IDENTITY_FILE, this, IGNORED);
    disk.append(IDENTITY_FILE, bytes, bytes.length, this, IGNORED);
    disk.sync(IDENTITY_FILE, this, IDENTITY_WRITTEN);
  }

  #open(): void {
    const log = new BlockLog(this.#host, this.#config, saltOf(this.#diskId));
    this.#log = log;
    for (const file of this.#files) {
      const number = segmentNumber(file.name);
      if (number === undefined) continue;
      const segment = new Segment(number);
      segment.lengthBytes = file.lengthBytes;
      log.segments.push(segment);
    }
    this.#scanned = -1;
    this.#nextSegment();
  }

  #nextSegment(): void {
    const log = this.#log;
    if (log === undefined) return;
    this.#scanned += 1;
    const segment = log.segments[this.#scanned];
    if (segment === undefined) return this.#sync(log);
    const mode = this.#mayBeUnsynced ? 'whole' : 'skim';
    const { disk } = this.#host;
    new SegmentReader(
      disk,
      segment.file,
      segment.lengthBytes,
      mode,
      log.salt,
      this.#config.scanWindowBytes,
      this,
    ).start();
  }

  get #mayBeUnsynced(): boolean {
    const segments = this.#log?.segments.length ?? 0;
    return this.#config.fsync === 'never' || this.#scanned >= segments - UNSYNCED_SEGMENTS;
  }

  onRecord(header: RecordHeader, offset: number, record: Uint8Array | undefined): void {
    const log = this.#log;
    const segment = log?.segments[this.#scanned];
    if (log === undefined || segment === undefined) return;
    if (header.type !== BLOCK) {
      log.replayTombstone(header, segment);
      return;
    }
    const entry = log.replayBlock(header, segment, offset);
    if (record === undefined) return;
    if (verifiedBody(record, header) === undefined) this.#health.quarantine(log, entry, 'start');
    else entry.verified = true;
  }

  onUnreadable(_offset: number, lengthBytes: number): void {
    this.#health.errors += 1;
    const segment = this.#log?.segments[this.#scanned];
    if (segment !== undefined) segment.chargedBytes += lengthBytes;
  }

  onEnd(readableBytes: number): void {
    const segment = this.#log?.segments[this.#scanned];
    if (segment === undefined) return;
    const restBytes = segment.lengthBytes - readableBytes;
    if (restBytes > 0 && this.#mayBeUnsynced) {
      segment.lengthBytes = readableBytes;
      this.#host.disk.truncate(segment.file, readableBytes, this, TRIMMED);
      return;
    }
    if (restBytes > 0) this.onUnreadable(readableBytes, restBytes);
    this.#nextSegment();
  }

  onReadFailed(error: DiskError): void {
    this.#fail(error);
  }

  /** What survived a crash may still be only in memory: until it is synced, it must not be taken for stored. */
  #sync(log: BlockLog): void {
    log.segments.forEach((segment, index) => {
      if (index < log.segments.length - 1) segment.state = 'sealed';
    });
    const unsynced = log.segments.slice(-UNSYNCED_SEGMENTS);
    this.#syncsOpen = unsynced.length;
    for (const segment of unsynced) this.#host.disk.sync(segment.file, this, SYNCED);
    if (unsynced.length === 0) this.#opened();
  }

  #opened(): void {
    if (this.#log === undefined) return;
    this.#onOpened({ diskId: this.#diskId, log: this.#log, health: this.#health, files: this.#files });
  }

  #fail(error: DiskError): void {
    this.#host.abort(`disk check failed: ${error}`);
  }
}
