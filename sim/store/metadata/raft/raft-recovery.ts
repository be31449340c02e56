import type { DiskHandler, DiskResult, FileInfo, Host } from '../../../host.ts';
import { raftFiles, singleFiles } from '../log/log-files.ts';
import { decodeFrame, type Frame } from '../log/log-frame.ts';
import type { Entry, HardState, Snapshot } from './entry.ts';
import { decodeRecord, decodeSnapshot, type Founding } from './raft-files.ts';

/** What a member had made durable. */
export interface Recovered {
  /** Undefined on a disk that nothing was ever promised on. */
  readonly founding: Founding | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly hardState: HardState;
  /** After the snapshot, without a gap. */
  readonly entries: readonly Entry[];
  /** Of the entries' texts, by index. */
  readonly checksums: ReadonlyMap<number, number>;
  /** Where further records go. */
  readonly fileIndex: number;
  readonly lengthBytes: number;
  readonly snapshotBytes: number;
  /** All files, and the index that each begins after or stands for. */
  readonly files: readonly LogFileAt[];
}

/** A file of the log, and the index that it begins after or stands for. */
export interface LogFileAt {
  readonly name: string;
  readonly index: number;
}

/** What a start finds. */
export interface RecoveryHandler {
  onRecovered(found: Recovered): void;
  /** Something that others count on may be missing: a vote, an entry. None of it may be used. */
  onDamaged(why: string, files: readonly LogFileAt[]): void;
}

const tagList = 1;
const tagSnapshot = 2;
const tagLog = 3;
const tagTruncate = 4;
const tagSync = 5;

/**
 * Reads a member's files back at start: the newest whole snapshot, and every log there is, oldest first. A torn tail of
 * the last log is cut off: nobody was promised anything on it. Whatever else does not fit (a checksum, a gap) is damage.
 * A disk that cannot be read at all ends the process.
 */
export class RaftRecovery implements DiskHandler {
  readonly #host: Host;
  readonly #handler: RecoveryHandler;
  #lengths = new Map<string, number>();
  #snapshots: number[] = [];
  #logs: number[] = [];
  #step = 'list';
  #position = 0;
  #snapshot: Snapshot | undefined;
  #snapshotBytes = 0;
  #founding: Founding | undefined;
  #hardState: HardState = { term: 0, vote: undefined, commit: 0 };
  #entries: Entry[] = [];
  readonly #checksums = new Map<number, number>();

  constructor(host: Host, handler: RecoveryHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  start(): void {
    this.#host.disk.list(this, tagList);
  }

  onDisk(tag: number, result: DiskResult): void {
    if (!result.ok) this.#host.abort(`raft log: ${this.#step}: ${result.error}`);
    else if (tag === tagList) this.#onList(result.files ?? []);
    else if (tag === tagSnapshot) this.#onSnapshot(result.bytes ?? new Uint8Array());
    else if (tag === tagLog) this.#onLog(result.bytes ?? new Uint8Array());
    else if (tag === tagTruncate) this.#sync();
    else this.#finish();
  }

  #onList(files: readonly FileInfo[]): void {
    if (files.some(({ name }) => singleFiles.parse(name) !== undefined)) {
      this.#host.abort('metadata: members: found several, accepted: 1, for this disk holds the log of a single member');
      return;
    }
    for (const { name, lengthBytes } of files) {
      const parsed = raftFiles.parse(name);
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
      this.#read(raftFiles.snapshot(index), tagSnapshot);
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
    else if (start > this.#reach) this.#damaged(`no entries between ${this.#reach} and ${start}`);
    else this.#read(raftFiles.log(start), tagLog);
  }

  #onLog(bytes: Uint8Array): void {
    const file = raftFiles.log(this.#logs[this.#position] ?? 0);
    let offset = 0;
    let read = decodeFrame(bytes, offset);
    for (; read.kind === 'frame'; read = decodeFrame(bytes, offset)) {
      const wrong = this.#takeRecord(read.frame);
      if (wrong !== undefined) {
        this.#damaged(`${file}: ${wrong} at byte ${offset}`);
        return;
      }
      offset = read.endBytes;
    }
    if (read.kind === 'corrupt') {
      this.#damaged(`${file}: ${read.why}`);
    } else if (read.kind === 'torn' && this.#position < this.#logs.length - 1) {
      this.#damaged(`${file}: ends within a record, and is not the last`);
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

  /** Gives what is wrong with a record, undefined if nothing is. */
  #takeRecord({ revision: index, text, checksum }: Frame): string | undefined {
    const record = decodeRecord(index, text);
    if (record === undefined) return 'a record of an unknown kind or format';
    if (record.kind === 'founding') this.#founding = record.founding;
    else if (this.#founding === undefined) return 'no founding before the first record';
    else if (record.kind === 'state') this.#hardState = record.state;
    else if (!this.#take(record.entry)) return `no entries before ${index}`;
    else this.#checksums.set(index, checksum);
    return undefined;
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
    else this.#host.disk.sync(raftFiles.log(last), this, tagSync);
  }

  #finish(): void {
    const founding = this.#founding;
    if (this.#hardState.commit > this.#reach) {
      this.#damaged(`no entries after ${this.#reach}, though ${this.#hardState.commit} is committed`);
      return;
    }
    if (founding === undefined && this.#snapshot !== undefined) {
      this.#damaged('a snapshot without the log that goes on from it');
      return;
    }
    const index = this.#snapshot?.index ?? 0;
    const fileIndex = this.#logs.at(-1) ?? index;
    this.#handler.onRecovered({
      founding,
      snapshot: this.#snapshot,
      hardState: this.#hardState,
      entries: this.#entries,
      checksums: this.#checksums,
      fileIndex,
      lengthBytes: this.#lengths.get(raftFiles.log(fileIndex)) ?? 0,
      snapshotBytes: this.#snapshotBytes,
      files: this.#files(),
    });
  }

  /** The last index that snapshot and entries lead to. */
  get #reach(): number {
    return this.#entries.at(-1)?.index ?? this.#snapshot?.index ?? 0;
  }

  #files(): readonly LogFileAt[] {
    return [...this.#lengths.keys()].map((name) => ({ name, index: raftFiles.parse(name)?.revision ?? 0 }));
  }

  #read(file: string, tag: number): void {
    this.#step = file;
    const length = this.#lengths.get(file) ?? 0;
    this.#host.disk.read(file, 0, length, length, this, tag);
  }

  #damaged(why: string): void {
    this.#handler.onDamaged(why, this.#files());
  }
}
