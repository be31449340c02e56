import type { DiskHandler, DiskResult, Host } from '../../../host.ts';
import { logFile, snapshotFile } from '../log/log-files.ts';
import type { Entry, HardState, Snapshot } from './entry.ts';
import { encodeRecords, encodeSnapshot } from './raft-files.ts';
import type { Recovered } from './raft-recovery.ts';

/** Who waits for the disk. */
export interface RaftDiskHandler {
  /** All that `write` or `install` was given is durable. */
  onWritten(): void;
  /** The snapshot that `cut` was given is durable: nothing before it is needed any more. */
  onSnapshotDurable(index: number): void;
}

const tagSync = 1;
const tagCutSync = 2;
const tagInstallSync = 3;
const tagRemove = 4;
const tagAppend = 5;
const tagInstalledSync = 6;
const tagStartSync = 7;

/**
 * A member's files. Records go to the end of one log file; a snapshot begins a new one with all that it does not hold, so
 * that the files before become superfluous as soon as it is durable. A failed append or sync ends the process: what
 * was promised on it is then uncertain.
 */
export class RaftDisk implements DiskHandler {
  readonly #host: Host;
  readonly #handler: RaftDiskHandler;
  readonly #minSnapshotBytes: number;
  #fileIndex: number;
  #fileBytes: number;
  #snapshotBytes: number;
  #files: readonly { readonly name: string; readonly index: number }[];
  #cutting: { readonly index: number; syncs: number } | undefined;
  #installing:
    | { readonly snapshot: Snapshot; readonly state: HardState; readonly entries: readonly Entry[] }
    | undefined;

  constructor(host: Host, handler: RaftDiskHandler, minSnapshotBytes: number, found: Recovered) {
    this.#host = host;
    this.#handler = handler;
    this.#minSnapshotBytes = minSnapshotBytes;
    this.#fileIndex = found.fileIndex;
    this.#fileBytes = found.lengthBytes;
    this.#snapshotBytes = found.snapshotBytes;
    this.#files = found.files;
    this.#tidy(found);
  }

  /** The log has grown longer than the last snapshot and than is worth keeping; one at `index` would shorten it. */
  isLong(index: number): boolean {
    if (this.#cutting !== undefined || this.#installing !== undefined || index <= this.#fileIndex) return false;
    return this.#fileBytes >= Math.max(this.#minSnapshotBytes, this.#snapshotBytes);
  }

  /** Makes records durable. One such call at a time. */
  write(state: HardState | undefined, entries: readonly Entry[]): void {
    this.#append(logFile(this.#fileIndex), encodeRecords(state, entries));
    this.#host.disk.sync(logFile(this.#fileIndex), this, tagSync);
  }

  /** Makes a snapshot durable beside the log, which goes on meanwhile; `entries` are those after it. */
  cut(snapshot: Snapshot, state: HardState, entries: readonly Entry[]): void {
    this.#cutting = { index: snapshot.index, syncs: 2 };
    this.#begin(snapshot.index, encodeRecords(state, entries));
    this.#host.disk.sync(logFile(snapshot.index), this, tagCutSync);
    this.#writeSnapshot(snapshot, tagCutSync);
  }

  /** Makes a snapshot durable that replaces the log, then what comes after it. One such call or `write` at a time. */
  install(snapshot: Snapshot, state: HardState, entries: readonly Entry[]): void {
    this.#installing = { snapshot, state, entries };
    this.#writeSnapshot(snapshot, tagInstallSync);
  }

  onDisk(tag: number, result: DiskResult): void {
    if (tag === tagRemove) return;
    if (!result.ok) {
      this.#host.abort(`raft log: ${logFile(this.#fileIndex)}: ${result.error}`);
    } else if (tag === tagSync) {
      this.#handler.onWritten();
    } else if (tag === tagCutSync) {
      this.#onCutSync();
    } else if (tag === tagInstallSync && this.#installing !== undefined) {
      const { snapshot, state, entries } = this.#installing;
      this.#begin(snapshot.index, encodeRecords(state, entries));
      this.#host.disk.sync(logFile(snapshot.index), this, tagInstalledSync);
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

  /** Ends what a crash interrupted: half a snapshot goes, and a snapshot without a log of its own gets one. */
  #tidy({ snapshot, hardState, entries }: Recovered): void {
    const index = snapshot?.index ?? 0;
    for (const file of this.#files) {
      if (file.index > index && file.name === snapshotFile(file.index))
        this.#host.disk.remove(file.name, this, tagRemove);
    }
    this.#files = this.#files.filter((file) => file.index <= index || file.name !== snapshotFile(file.index));
    if (index <= this.#fileIndex) {
      this.#removeBefore(index);
    } else {
      this.#begin(index, encodeRecords(hardState, entries));
      this.#host.disk.sync(logFile(index), this, tagStartSync);
    }
  }

  #begin(index: number, bytes: Uint8Array): void {
    this.#fileIndex = index;
    this.#fileBytes = 0;
    this.#files = [...this.#files, { name: logFile(index), index }];
    this.#append(logFile(index), bytes);
  }

  #append(file: string, bytes: Uint8Array): void {
    this.#fileBytes += bytes.length;
    this.#host.disk.append(file, bytes, bytes.length, this, tagAppend);
  }

  #writeSnapshot(snapshot: Snapshot, tag: number): void {
    const name = snapshotFile(snapshot.index);
    const bytes = encodeSnapshot(snapshot);
    this.#snapshotBytes = bytes.length;
    this.#files = [...this.#files, { name, index: snapshot.index }];
    this.#host.disk.append(name, bytes, bytes.length, this, tagAppend);
    this.#host.disk.sync(name, this, tag);
  }

  #removeBefore(index: number): void {
    for (const file of this.#files) if (file.index < index) this.#host.disk.remove(file.name, this, tagRemove);
    this.#files = this.#files.filter((file) => file.index >= index);
  }
}
