import type { DiskHandler, DiskResult, FileInfo, Host } from '../../../host.ts';
import { logFile, parseFile, snapshotFile } from '../log/log-files.ts';
import { decodeFrame } from '../log/log-frame.ts';
import type { Entry, HardState, Snapshot } from './entry.ts';
import { decodeRecord, decodeSnapshot } from './raft-files.ts';

/** What a member had made durable. */
export interface Recovered {
  readonly snapshot: Snapshot | undefined;
  readonly hardState: HardState;
  /** After the snapshot, without a gap. */
  readonly entries: readonly Entry[];
  /** Where further records go. */
  readonly fileIndex: number;
  readonly lengthBytes: number;
  readonly snapshotBytes: number;
  /** All files, and the index that each begins after or stands for. */
  readonly files: readonly { readonly name: string; readonly index: number }[];
}

const tagList = 1;
const tagSnapshot = 2;
const tagLog = 3;
const tagTruncate = 4;
const tagSync = 5;

/**
 * Reads a member's files back at start: the newest whole snapshot, and every log there is, oldest first. A torn tail of
 * the last log is cut off: nobody was promised anything on it. Whatever else does not fit (a checksum, a gap) ends
 * the process: a vote or an entry that others count on may be missing.
 */
export class RaftRecovery implements DiskHandler {
  readonly #host: Host;
  readonly #onRecovered: (found: Recovered) => void;
  #lengths = new Map<string, number>();
  #snapshots: number[] = [];
  #logs: number[] = [];
  #step = 'list';
  #position = 0;
  #snapshot: Snapshot | undefined;
  #snapshotBytes = 0;
  #hardState: HardState = { term: 0, vote: undefined, commit: 0 };
  #entries: Entry[] = [];

  constructor(host: Host, onRecovered: (found: Recovered) => void) {
    this.#host = host;
    this.#onRecovered = onRecovered;
  }

  start(): void {
    this.#host.disk.list(this, tagList);
  }

  onDisk(tag: number, result: DiskResult): void {
    if (!result.ok) this.#fail(`${this.#step}: ${result.error}`);
    else if (tag === tagList) this.#onList(result.files ?? []);
    else if (tag === tagSnapshot) this.#onSnapshot(result.bytes ?? new Uint8Array());
    else if (tag === tagLog) this.#onLog(result.bytes ?? new Uint8Array());
    else if (tag === tagTruncate) this.#sync();
    else this.#finish();
  }

  #onList(files: readonly FileInfo[]): void {
    for (const { name, lengthBytes } of files) {
      const parsed = parseFile(name);
      if (parsed === undefined) continue;
      this.#lengths.set(name, lengthBytes);
      (parsed.kind === 'log' ? this.#logs : this.#snapshots).push(parsed.revision);
    }
    this.#logs.sort((a, b) => a - b);
    this.#snapshots.sort((a, b) => b - a);
    this.#readSnapshot();
  }

  #readSnapshot(): void {
    const index = this.#snapshots[this.#position];
    if (index !== undefined) {
      this.#read(snapshotFile(index), tagSnapshot);
      return;
    }
    this.#position = 0;
    this.#readLog();
  }

  #onSnapshot(bytes: Uint8Array): void {
    const texts: string[] = [];
    let offset = 0;
    let read = decodeFrame(bytes, offset);
    for (; read.kind === 'frame'; read = decodeFrame(bytes, offset)) {
      texts.push(read.frame.text);
      offset = read.endBytes;
    }
    const snapshot = read.kind === 'end' ? decodeSnapshot(texts) : undefined;
    if (snapshot === undefined) {
      // A crash while it was written leaves the older one, and the logs since, in place.
      this.#position += 1;
      this.#readSnapshot();
      return;
    }
    this.#snapshot = snapshot;
    this.#snapshotBytes = bytes.length;
    this.#position = 0;
    this.#readLog();
  }

  #readLog(): void {
    const start = this.#logs[this.#position];
    const { index, term } = this.#snapshot ?? { index: 0, term: 0 };
    if (start === undefined || start >= index) this.#joinSnapshot(index, term);
    if (start === undefined) this.#sync();
    else this.#read(logFile(start), tagLog);
  }

  #onLog(bytes: Uint8Array): void {
    const file = logFile(this.#logs[this.#position] ?? 0);
    let offset = 0;
    let read = decodeFrame(bytes, offset);
    for (; read.kind === 'frame'; read = decodeFrame(bytes, offset)) {
      const record = decodeRecord(read.frame.text);
      if ('state' in record) this.#hardState = record.state;
      else if (!this.#take(record.entry)) {
        this.#fail(`${file}: no entries before ${record.entry.index}`);
        return;
      }
      offset = read.endBytes;
    }
    if (read.kind === 'corrupt') {
      this.#fail(`${file}: ${read.why}`);
    } else if (read.kind === 'torn' && this.#position < this.#logs.length - 1) {
      this.#fail(`${file}: ends within a record, and is not the last`);
    } else if (read.kind === 'torn') {
      const { index, term } = this.#snapshot ?? { index: 0, term: 0 };
      this.#joinSnapshot(index, term);
      this.#lengths.set(file, offset);
      this.#host.disk.truncate(file, offset, this, tagTruncate);
    } else {
      this.#position += 1;
      this.#readLog();
    }
  }

  /** The entry and all before it are the log. False if some before it are missing. */
  #take(entry: Entry): boolean {
    const first = this.#entries[0]?.index ?? entry.index;
    const known = this.#entries.length;
    const place = entry.index - first;
    if (known === 0) {
      const start = this.#snapshot?.index ?? 0;
      if (entry.index > start + 1) return false;
    }
    if (place < 0 || place > known) return false;
    this.#entries.length = place;
    this.#entries.push(entry);
    return true;
  }

  /** Entries that the snapshot holds go; those after it stay only if they follow from the same history. */
  #joinSnapshot(index: number, term: number): void {
    const first = this.#entries[0]?.index ?? index + 1;
    if (first > index) return;
    const same = this.#entries[index - first]?.term === term;
    this.#entries = same ? this.#entries.slice(index - first + 1) : [];
  }

  /** What was read may not have been durable; once acted upon it must not vanish in the next crash. */
  #sync(): void {
    this.#step = 'sync';
    const last = this.#logs.at(-1);
    if (last === undefined) this.#finish();
    else this.#host.disk.sync(logFile(last), this, tagSync);
  }

  #finish(): void {
    const index = this.#snapshot?.index ?? 0;
    const fileIndex = this.#logs.at(-1) ?? index;
    const lengthBytes = this.#lengths.get(logFile(fileIndex)) ?? 0;
    const files = [...this.#lengths.keys()].map((name) => ({ name, index: parseFile(name)?.revision ?? 0 }));
    if (!this.#lengths.has(logFile(fileIndex))) files.push({ name: logFile(fileIndex), index: fileIndex });
    this.#onRecovered({
      snapshot: this.#snapshot,
      hardState: this.#hardState,
      entries: this.#entries,
      fileIndex,
      lengthBytes,
      snapshotBytes: this.#snapshotBytes,
      files,
    });
  }

  #read(file: string, tag: number): void {
    this.#step = file;
    const length = this.#lengths.get(file) ?? 0;
    this.#host.disk.read(file, 0, length, length, this, tag);
  }

  #fail(why: string): void {
    this.#host.abort(`raft log: ${why}`);
  }
}
