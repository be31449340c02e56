import type { DiskHandler, DiskResult, Host } from '../../../host.ts';
import { raftFiles, singleFiles } from './log-files.ts';
import { decodeFrame } from './log-frame.ts';

/** What recovery hands over, piece by piece, and when it is through. */
export interface RecoveryHandler {
  /** The state as of `revision`; called at most once, before any entry. */
  onSnapshot(revision: number, records: readonly string[]): void;
  /** The entries after it, in order, without a gap. */
  onEntry(revision: number, text: string, checksum: number): void;
  onRecovered(found: Recovered): void;
}

export interface Recovered {
  /** Where further entries go, and its length. */
  readonly file: string;
  readonly lengthBytes: number;
  readonly snapshotBytes: number;
  /** The files that were read: the snapshot first, the log to be continued last. */
  readonly used: readonly string[];
  /** Files that a snapshot has made superfluous, and half a snapshot. */
  readonly stale: readonly string[];
}

const tagList = 1;
const tagSnapshot = 2;
const tagLog = 3;
const tagTruncate = 4;
const tagSync = 5;

/**
 * Reads a metadata log back at start: the newest whole snapshot, then every log from there on. A torn tail of
 * the last log is cut off: nobody was told of it. Anything else that does not fit (a checksum, a gap, no
 * snapshot to start from) ends the process, for what is missing may have been acknowledged.
 */
export class LogRecovery implements DiskHandler {
  readonly #host: Host;
  readonly #handler: RecoveryHandler;
  readonly #lengths = new Map<string, number>();
  #snapshots: number[] = [];
  #logs: number[] = [];
  #state: 'listing' | 'snapshot' | 'log' | 'syncing' | 'done' = 'listing';
  #revision = 0;
  #startRevision = 0;
  #snapshotBytes = 0;
  #position = 0;
  #firstLog = 0;

  constructor(host: Host, handler: RecoveryHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  start(): void {
    this.#host.disk.list(this, tagList);
  }

  onDisk(tag: number, result: DiskResult): void {
    if (!result.ok) {
      this.#host.abort(`metadata log: ${this.#state} failed at start: ${result.error}`);
      return;
    }
    if (tag === tagList) this.#onList(result.files ?? []);
    else if (tag === tagSnapshot) this.#onSnapshot(result.bytes ?? new Uint8Array());
    else if (tag === tagLog) this.#onLog(result.bytes ?? new Uint8Array());
    else if (tag === tagTruncate) this.#sync();
    else if (tag === tagSync) this.#finish();
  }

  #onList(files: readonly { readonly name: string; readonly lengthBytes: number }[]): void {
    for (const file of files) {
      if (raftFiles.parse(file.name) !== undefined) {
        this.#host.abort('metadata: members: found 1, accepted: those of the group whose log is on this disk');
        return;
      }
      const parsed = singleFiles.parse(file.name);
      if (parsed === undefined) continue;
      this.#lengths.set(file.name, file.lengthBytes);
      (parsed.kind === 'log' ? this.#logs : this.#snapshots).push(parsed.revision);
    }
    this.#logs.sort((a, b) => a - b);
    this.#snapshots.sort((a, b) => b - a);
    this.#nextSnapshot();
  }

  #nextSnapshot(): void {
    const revision = this.#snapshots[0];
    if (revision !== undefined) {
      this.#state = 'snapshot';
      this.#read(singleFiles.snapshot(revision), tagSnapshot);
      return;
    }
    const first = this.#logs[0] ?? 0;
    if (first > 0)
      this.#host.abort(`metadata log: entries begin after revision ${first} and no whole snapshot leads there`);
    else this.#startLogs();
  }

  #onSnapshot(bytes: Uint8Array): void {
    const revision = this.#snapshots[0] ?? 0;
    const frames = wholeSnapshot(bytes, revision);
    if (frames === undefined) {
      // A crash while it was written leaves the older one, and the logs since, in place.
      this.#snapshots.shift();
      this.#nextSnapshot();
      return;
    }
    this.#revision = revision;
    this.#startRevision = revision;
    this.#snapshotBytes = bytes.length;
    this.#handler.onSnapshot(revision, frames);
    this.#startLogs();
  }

  #startLogs(): void {
    this.#state = 'log';
    this.#position = this.#logs.findIndex((revision) => revision >= this.#startRevision);
    if (this.#position < 0) this.#position = this.#logs.length;
    this.#firstLog = this.#position;
    this.#nextLog();
  }

  #nextLog(): void {
    const start = this.#logs[this.#position];
    if (start === undefined) this.#sync();
    else if (start !== this.#revision)
      this.#host.abort(`metadata log: no entries between revisions ${this.#revision} and ${start}`);
    else this.#read(singleFiles.log(start), tagLog);
  }

  #onLog(bytes: Uint8Array): void {
    const start = this.#logs[this.#position] ?? 0;
    const last = this.#position === this.#logs.length - 1;
    for (let offset = 0; ; ) {
      const read = decodeFrame(bytes, offset);
      if (read.kind === 'frame' && read.frame.revision === this.#revision + 1) {
        this.#revision += 1;
        this.#handler.onEntry(this.#revision, read.frame.text, read.frame.checksum);
        offset = read.endBytes;
      } else if (read.kind === 'end') {
        break;
      } else if (read.kind === 'torn' && last) {
        this.#lengths.set(singleFiles.log(start), offset);
        this.#host.disk.truncate(singleFiles.log(start), offset, this, tagTruncate);
        return;
      } else {
        const why =
          read.kind === 'corrupt'
            ? read.why
            : read.kind === 'torn'
              ? 'ends within an entry'
              : 'has an entry out of order';
        this.#host.abort(`metadata log: ${singleFiles.log(start)} ${why}, after revision ${this.#revision}`);
        return;
      }
    }
    this.#position += 1;
    this.#nextLog();
  }

  /** What was read may not have been durable; once acted upon it must not vanish in the next crash. */
  #sync(): void {
    this.#state = 'syncing';
    const file = this.#currentFile();
    if (this.#lengths.has(file)) this.#host.disk.sync(file, this, tagSync);
    else this.#finish();
  }

  #finish(): void {
    this.#state = 'done';
    const file = this.#currentFile();
    const used = this.#logs.slice(this.#firstLog).map((revision) => singleFiles.log(revision));
    if (!used.includes(file)) used.push(file);
    if (this.#snapshotBytes > 0) used.unshift(singleFiles.snapshot(this.#startRevision));
    const stale = [...this.#lengths.keys()].filter((name) => !used.includes(name));
    const lengthBytes = this.#lengths.get(file) ?? 0;
    this.#handler.onRecovered({ file, lengthBytes, snapshotBytes: this.#snapshotBytes, used, stale });
  }

  #currentFile(): string {
    return singleFiles.log(Math.max(this.#startRevision, this.#logs.at(-1) ?? 0));
  }

  #read(file: string, tag: number): void {
    const length = this.#lengths.get(file) ?? 0;
    this.#host.disk.read(file, 0, length, length, this, tag);
  }
}

/** The records of a snapshot and the mark that shows it to be whole. */
export function snapshotRecords(texts: Iterable<string>): string[] {
  const records = [...texts];
  records.push(`{"end":${records.length}}`);
  return records;
}

function wholeSnapshot(bytes: Uint8Array, revision: number): readonly string[] | undefined {
  const texts: string[] = [];
  for (let offset = 0; ; ) {
    const read = decodeFrame(bytes, offset);
    if (read.kind === 'end') break;
    if (read.kind !== 'frame' || read.frame.revision !== revision) return undefined;
    texts.push(read.frame.text);
    offset = read.endBytes;
  }
  return texts.pop() === `{"end":${texts.length}}` ? texts : undefined;
}
