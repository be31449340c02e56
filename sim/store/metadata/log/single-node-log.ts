import type { DiskHandler, DiskResult, Host, NodeId } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import { singleFiles } from './log-files.ts';
import { FrameWriter } from './log-frame.ts';
import { LogRecovery, type Recovered, type RecoveryHandler, snapshotRecords } from './log-recovery.ts';
import type { LogObserver, ProposalHandler, ReadHandler, ReplicatedLog, StateMachine } from './replicated-log.ts';

const tagAppend = 1;
const tagSync = 2;
const tagSnapshotAppend = 3;
const tagSnapshotSync = 4;
const tagRemove = 5;

interface Entry<Command, Result> {
  readonly command: Command;
  readonly handler: ProposalHandler<Result>;
  readonly tag: number;
}

/**
 * The log of a metadata service of one member: entries are appended with a checksum, synced, and only then
 * applied and answered. What is proposed while a sync runs shares the next one (group commit).
 *
 * Once the log is longer than the last snapshot and than `snapshotBytes`, the state is written to a new snapshot
 * beside it while entries go on into a new file; when the snapshot is durable, what it covers is removed. So the
 * disk holds at most a few times the state, and snapshots cost no more writing than the entries did.
 */
export class SingleNodeLog<Command, Result> implements ReplicatedLog<Command, Result>, DiskHandler, RecoveryHandler {
  readonly term: number;
  readonly #host: Host;
  readonly #machine: StateMachine<Command, Result>;
  readonly #observer: LogObserver<Command, Result>;
  readonly #minSnapshotBytes: number;
  readonly #frames = new FrameWriter();
  #state: 'recovering' | 'leading' | 'stopped' = 'recovering';
  #revision = 0;
  #file = singleFiles.log(0);
  #fileBytes = 0;
  #snapshotBytes = 0;
  /** What a snapshot of now would make superfluous. */
  #files: string[] = [];
  #snapshotting = false;
  #queued: Entry<Command, Result>[] = [];
  #writing: Entry<Command, Result>[] = [];
  /** Of the batch that is being written. */
  readonly #checksums: number[] = [];
  #batchBytes = 0;
  #appendFailed = false;

  constructor(
    host: Host,
    machine: StateMachine<Command, Result>,
    observer: LogObserver<Command, Result>,
    snapshotBytes: number,
  ) {
    this.#host = host;
    this.#machine = machine;
    this.#observer = observer;
    this.#minSnapshotBytes = snapshotBytes;
    this.term = host.incarnation;
  }

  /** Reads the log back; the observer is told of leadership when the state is complete. */
  start(): void {
    new LogRecovery(this.#host, this).start();
  }

  get isLeader(): boolean {
    return this.#state === 'leading';
  }

  get leader(): NodeId | undefined {
    return this.isLeader ? this.#host.id : undefined;
  }

  get revision(): number {
    return this.#revision;
  }

  propose(command: Command, handler: ProposalHandler<Result>, tag: number): void {
    this.#queued.push({ command, handler, tag });
    if (this.#state === 'leading' && this.#writing.length === 0) this.#write();
  }

  /** All that was acknowledged has been applied, and nobody else can have acknowledged anything. */
  read(handler: ReadHandler, tag: number): void {
    if (this.#state === 'leading') handler.onReadable(tag);
    else handler.onReadFailed(tag, 'unavailable');
  }

  /** Nobody else could have changed anything. */
  isFreshWithin(): boolean {
    return this.#state === 'leading';
  }

  onSnapshot(revision: number, records: readonly string[]): void {
    this.#machine.restore(records);
    this.#revision = revision;
  }

  onEntry(revision: number, text: string, checksum: number): void {
    const command: Command = JSON.parse(text);
    this.#machine.apply(revision, command);
    this.#revision = revision;
    this.#tellApplied(checksum);
  }

  onRecovered(found: Recovered): void {
    this.#file = found.file;
    this.#fileBytes = found.lengthBytes;
    this.#snapshotBytes = found.snapshotBytes;
    this.#files = [...found.used];
    for (const file of found.stale) this.#host.disk.remove(file, this, tagRemove);
    this.#state = 'leading';
    this.#observer.onLeadership(true, this.term);
    if (this.#queued.length > 0 && this.#writing.length === 0) this.#write();
  }

  onDisk(tag: number, result: DiskResult): void {
    if (tag === tagRemove) return;
    if (tag === tagSnapshotAppend || tag === tagSnapshotSync) this.#onSnapshotDisk(tag, result);
    else if (tag === tagAppend && !result.ok && result.error === 'no-space') this.#appendFailed = true;
    else if (!result.ok && !this.#appendFailed) {
      // After a failed sync nobody knows what is on disk: the only safe thing is to start again from it.
      this.#state = 'stopped';
      this.#host.abort(`metadata log: ${this.#file}: ${tag === tagSync ? 'sync' : 'append'} failed: ${result.error}`);
    } else if (tag === tagSync) this.#onSynced();
  }

  #write(): void {
    this.#writing = this.#queued;
    this.#queued = [];
    let revision = this.#revision;
    this.#checksums.length = 0;
    for (const { command } of this.#writing) {
      revision += 1;
      this.#checksums.push(this.#frames.add(revision, JSON.stringify(command)));
    }
    const bytes = this.#frames.take();
    this.#appendFailed = false;
    this.#batchBytes = bytes.length;
    this.#fileBytes += bytes.length;
    this.#host.disk.append(this.#file, bytes, bytes.length, this, tagAppend);
    this.#host.disk.sync(this.#file, this, tagSync);
  }

  #onSynced(): void {
    const batch = this.#writing;
    if (this.#appendFailed) {
      this.#fileBytes -= this.#batchBytes;
      this.#writing = [];
      for (const { handler, tag } of batch) handler.onProposalFailed(tag, 'unavailable');
    } else {
      for (const [place, { command, handler, tag }] of batch.entries()) {
        this.#revision += 1;
        const result = this.#machine.apply(this.#revision, command);
        this.#tellApplied(this.#checksums[place] ?? 0);
        this.#observer.onCommitted(this.#revision, command, result);
        handler.onApplied(tag, result);
      }
      this.#writing = [];
      this.#snapshotIfLong();
    }
    if (this.#queued.length > 0) this.#write();
  }

  #tellApplied(digest: number): void {
    // There are no terms in a log that nobody else can write.
    const event: StoreEvent = { kind: 'raft-applied', index: this.#revision, term: 0, digest };
    this.#host.trace.emit(event);
  }

  #snapshotIfLong(): void {
    if (this.#snapshotting || this.#fileBytes < Math.max(this.#minSnapshotBytes, this.#snapshotBytes)) return;
    // Without room for it the log goes on for as long as it can, and then takes nothing more.
    const { capacityBytes, usedBytes } = this.#host.disk;
    if (capacityBytes - usedBytes < 2 * (this.#fileBytes + this.#snapshotBytes)) return;
    const revision = this.#revision;
    const file = singleFiles.snapshot(revision);
    const frames = new FrameWriter();
    for (const text of snapshotRecords(this.#machine.snapshot())) frames.add(revision, text);
    const bytes = frames.take();
    this.#snapshotting = true;
    this.#snapshotBytes = bytes.length;
    this.#file = singleFiles.log(revision);
    this.#fileBytes = 0;
    this.#files.push(file, this.#file);
    this.#host.disk.append(file, bytes, bytes.length, this, tagSnapshotAppend);
    this.#host.disk.sync(file, this, tagSnapshotSync);
  }

  #onSnapshotDisk(tag: number, result: DiskResult): void {
    if (!result.ok) {
      this.#state = 'stopped';
      this.#host.abort(`metadata log: snapshot after ${this.#files.at(-3) ?? 'start'}: ${result.error}`);
      return;
    }
    if (tag !== tagSnapshotSync) return;
    for (const file of this.#files.slice(0, -2)) this.#host.disk.remove(file, this, tagRemove);
    this.#files = this.#files.slice(-2);
    this.#snapshotting = false;
  }
}
