import type { DiskHandler, DiskResult, Host } from '../../../host.ts';
import { raftFiles } from '../log/log-files.ts';
import { FrameWriter } from '../log/log-frame.ts';
import type { Entry, HardState, Snapshot } from './entry.ts';
import { encodeSnapshot, type Founding, writeEntry, writeFounding, writeState } from './raft-files.ts';
import type { LogFileAt, Recovered } from './raft-recovery.ts';

/** Who waits for the disk. */
export interface RaftDiskHandler {
  /** All that `write` or `install` was given is durable. */
  onWritten(): void;
  /** The snapshot that `cut` was given is durable: nothing before it is needed any more. */
  onSnapshotDurable(index: number): void;
  /** There is no room for what `write` was given; it waits for `retry`. */
  onDiskFull(): void;
}

const tagAppend = 1;
const tagSync = 2;
const tagCutSync = 3;
const tagInstallSync = 4;
const tagInstalledSync = 5;
const tagStartSync = 6;
const tagRemove = 7;
const tagBesideAppend = 8;

/**
 * A member's files. Records go to the end of one log file; a snapshot begins a new one with all that it does not hold, so
 * that the files before become superfluous as soon as it is durable.
 *
 * A failed append or sync ends the process: nobody knows what is on the disk then, and a second sync may succeed and prove
 * nothing (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020). A full disk is
 * no such failure: the file is as it was, and the same records are written when there is room.
 */
export class RaftDisk implements DiskHandler {
  readonly #host: Host;
  readonly #handler: RaftDiskHandler;
  readonly #minSnapshotBytes: number;
  readonly #founding: Founding;
  #fileIndex: number;
  #fileBytes: number;
  #snapshotBytes: number;
  #files: readonly LogFileAt[];
  #cutting: { readonly index: number; syncs: number } | undefined;
  #installing:
    | { readonly snapshot: Snapshot; readonly state: HardState; readonly entries: readonly Entry[] }
    | undefined;
  readonly #frames = new FrameWriter();
  /** Of entries that were written and not applied, by index. */
  readonly #checksums: Map<number, number>;
  /** What is being written. */
  #records: Uint8Array = new Uint8Array();
  #full = false;

  constructor(
    host: Host,
    handler: RaftDiskHandler,
    minSnapshotBytes: number,
    founding: Founding,
    found: Pick<Recovered, 'fileIndex' | 'lengthBytes' | 'snapshotBytes' | 'files' | 'checksums'>,
  ) {
    this.#host = host;
    this.#handler = handler;
    this.#minSnapshotBytes = minSnapshotBytes;
    this.#founding = founding;
    this.#fileIndex = found.fileIndex;
    this.#fileBytes = found.lengthBytes;
    this.#snapshotBytes = found.snapshotBytes;
    this.#files = found.files;
    this.#checksums = new Map(found.checksums);
  }

  /** The checksum of an entry's text, once: when the entry is applied. */
  takeChecksum(index: number): number {
    const checksum = this.#checksums.get(index) ?? 0;
    this.#checksums.delete(index);
    return checksum;
  }

  /** There was no room for the last write. */
  get full(): boolean {
    return this.#full;
  }

  /** Marks an empty disk. What is written after it cannot be durable before it. */
  found(): void {
    this.#begin(0, undefined, []);
    this.#host.disk.sync(raftFiles.log(0), this, tagStartSync);
  }

  /** Ends what a crash interrupted: half a snapshot goes, and a snapshot without a log of its own gets one. */
  tidy({ snapshot, hardState, entries }: Pick<Recovered, 'snapshot' | 'hardState' | 'entries'>): void {
    const index = snapshot?.index ?? 0;
    const half = (file: LogFileAt) => file.index > index && file.name === raftFiles.snapshot(file.index);
    for (const file of this.#files) if (half(file)) this.#host.disk.remove(file.name, this, tagRemove);
    this.#files = this.#files.filter((file) => !half(file));
    if (index <= this.#fileIndex) {
      this.#removeBefore(index);
    } else {
      this.#begin(index, hardState, entries);
      this.#host.disk.sync(raftFiles.log(index), this, tagStartSync);
    }
  }

  /** The log has grown longer than the last snapshot and than is worth keeping; one at `index` would shorten it, and has room. */
  isLong(index: number): boolean {
    if (this.#cutting !== undefined || this.#installing !== undefined || index <= this.#fileIndex) return false;
    if (this.#fileBytes < Math.max(this.#minSnapshotBytes, this.#snapshotBytes)) return false;
    const { capacityBytes, usedBytes } = this.#host.disk;
    return capacityBytes - usedBytes > 2 * (this.#fileBytes + this.#snapshotBytes);
  }

  /** Makes records durable. One such call at a time. */
  write(state: HardState | undefined, entries: readonly Entry[]): void {
    this.#add(state, entries);
    this.#records = this.#frames.take();
    this.retry();
  }

  /** Writes once more what there was no room for. */
  retry(): void {
    const file = raftFiles.log(this.#fileIndex);
    const { length } = this.#records;
    this.#full = false;
    this.#fileBytes += length;
    this.#host.disk.append(file, this.#records, length, this, tagAppend);
    this.#host.disk.sync(file, this, tagSync);
  }

  /** Makes a snapshot durable beside the log, which goes on meanwhile; `entries` are those after it. */
  cut(snapshot: Snapshot, state: HardState, entries: readonly Entry[]): void {
    this.#cutting = { index: snapshot.index, syncs: 2 };
    this.#begin(snapshot.index, state, entries);
    this.#host.disk.sync(raftFiles.log(snapshot.index), this, tagCutSync);
    this.#writeSnapshot(snapshot, tagCutSync);
  }

  /** Makes a snapshot durable that replaces the log, then what comes after it. One such call or `write` at a time. */
  install(snapshot: Snapshot, state: HardState, entries: readonly Entry[]): void {
    this.#installing = { snapshot, state, entries };
    this.#writeSnapshot(snapshot, tagInstallSync);
  }

  onDisk(tag: number, result: DiskResult): void {
    if (tag === tagRemove) return;
    if (!result.ok && result.error === 'no-space' && tag === tagAppend) {
      this.#full = true;
      this.#fileBytes -= this.#records.length;
    } else if (!result.ok) {
      this.#host.abort(`raft log: ${raftFiles.log(this.#fileIndex)}: ${result.error}`);
    } else if (tag === tagSync) {
      if (this.#full) this.#handler.onDiskFull();
      else this.#handler.onWritten();
    } else if (tag === tagCutSync) {
      this.#onCutSync();
    } else if (tag === tagInstallSync && this.#installing !== undefined) {
      const { snapshot, state, entries } = this.#installing;
      this.#begin(snapshot.index, state, entries);
      this.#host.disk.sync(raftFiles.log(snapshot.index), this, tagInstalledSync);
    } else if (tag === tagInstalledSync) {
      this.#installing = undefined;
      this.#removeBefore(this.#fileIndex);
      this.#handler.onWritten();
    } else if (tag === tagStartSync) {
      this.#removeBefore(this.#fileIndex);
    }
  }

  /** The files before go once both the snapshot and the log after it, with the term and vote, are durable. */
  #onCutSync(): void {
    const cutting = this.#cutting;
    if (cutting === undefined) return;
    cutting.syncs -= 1;
    if (cutting.syncs > 0) return;
    this.#cutting = undefined;
    this.#removeBefore(cutting.index);
    this.#handler.onSnapshotDurable(cutting.index);
  }

  #begin(index: number, state: HardState | undefined, entries: readonly Entry[]): void {
    const name = raftFiles.log(index);
    writeFounding(this.#frames, this.#founding);
    this.#add(state, entries);
    const bytes = this.#frames.take();
    this.#fileIndex = index;
    this.#fileBytes = bytes.length;
    this.#files = [...this.#files, { name, index }];
    this.#host.disk.append(name, bytes, bytes.length, this, tagBesideAppend);
  }

  #add(state: HardState | undefined, entries: readonly Entry[]): void {
    if (state !== undefined) writeState(this.#frames, state);
    for (const entry of entries) this.#checksums.set(entry.index, writeEntry(this.#frames, entry));
  }

  #writeSnapshot(snapshot: Snapshot, tag: number): void {
    const name = raftFiles.snapshot(snapshot.index);
    const bytes = encodeSnapshot(snapshot);
    this.#snapshotBytes = bytes.length;
    this.#files = [...this.#files, { name, index: snapshot.index }];
    this.#host.disk.append(name, bytes, bytes.length, this, tagBesideAppend);
    this.#host.disk.sync(name, this, tag);
  }

  #removeBefore(index: number): void {
    for (const file of this.#files) if (file.index < index) this.#host.disk.remove(file.name, this, tagRemove);
    this.#files = this.#files.filter((file) => file.index >= index);
  }
}
