import type { DiskError, DiskHandler, DiskResult, FileInfo, RandomStream } from '../host.ts';
import type { EventHandler, Kernel } from '../kernel/kernel.ts';
import { Channel } from './channel.ts';
import { Fifo } from './fifo.ts';
import { LoadGauge, type LoadReading } from './load-gauge.ts';
import { Overlays } from './overlays.ts';
import type { PauseGate } from './pause-gate.ts';
import { type Cut, SimulatedFile } from './simulated-file.ts';
import type { DiskSpec } from './spec.ts';

export type DiskOperationKind = 'append' | 'read' | 'sync' | 'truncate' | 'list' | 'remove';

/** What a fault does to the operations of a disk. */
export interface DiskOverlay {
  /** Looks at an operation as it goes into service: may change its times, its result or, for a read, the bytes. */
  apply(operation: DiskOperation): void;
}

/** How busy a disk has been. Its slots say how many operations it held; only the channel says how much it could still carry. */
export interface DiskReading extends LoadReading {
  /** Time in which the channel transferred: divide by elapsed for its utilisation. */
  readonly channelBusyMs: number;
}

const OK: DiskResult = Object.freeze({ ok: true });
/** The results of operations that fail. */
export const FAILED: { readonly [error in DiskError]: DiskResult } = {
  'no-space': Object.freeze({ ok: false, error: 'no-space' }),
  'io-error': Object.freeze({ ok: false, error: 'io-error' }),
  'not-found': Object.freeze({ ok: false, error: 'not-found' }),
  'out-of-range': Object.freeze({ ok: false, error: 'out-of-range' }),
};

const SERVED = 0;
const HANDED_OVER = 1;
const ACCESSED = 2;

/** One operation on its way through a disk. */
export class DiskOperation implements EventHandler {
  readonly kind: DiskOperationKind;
  readonly fileName: string;
  readonly file: SimulatedFile | undefined;
  /** Before the transfer; operations overlap in it. */
  accessMs: number;
  /** On the disk's one channel; operations take turns. */
  transferMs: number;
  result: DiskResult;
  /** For a sync: the prefix that it makes durable. */
  syncedBytes = 0;
  /** For a truncation: what it cut off. */
  cut: Cut | undefined;
  readonly #disk: SimulatedDisk;
  readonly #round: number;
  readonly #handler: DiskHandler;
  readonly #tag: number;

  constructor(
    disk: SimulatedDisk,
    kind: DiskOperationKind,
    fileName: string,
    file: SimulatedFile | undefined,
    accessMs: number,
    transferMs: number,
    result: DiskResult,
    handler: DiskHandler,
    tag: number,
  ) {
    this.#disk = disk;
    this.#round = disk.round;
    this.kind = kind;
    this.fileName = fileName;
    this.file = file;
    this.accessMs = accessMs;
    this.transferMs = transferMs;
    this.result = result;
    this.#handler = handler;
    this.#tag = tag;
  }

  onEvent(op: number): void {
    if (this.#round !== this.#disk.round) return;
    if (op === ACCESSED) {
      this.#disk.accessed(this);
      return;
    }
    if (op === SERVED) this.#disk.served(this);
    // The disk works on while the process is stopped; the process hears of it later.
    if (this.#disk.gate.closed) this.#disk.gate.defer(this, HANDED_OVER);
    else this.#handler.onDisk(this.#tag, this.result);
  }
}

/**
 * The disk of a node. It outlives the processes that use it.
 *
 * Service: up to `queueDepth` operations at once, the rest wait first in first out. Each has an access time, in
 * which operations overlap, and a transfer, for which they share one channel of the given bandwidth. An append has
 * no access time (a log on a write-back cache); a sync waits for the appends before it. Operations that change a file
 * finish in the order in which they were issued; reads may overtake them, and see all that was issued before.
 *
 * Crash: of what was appended and not synced a random prefix survives; a truncation or removal that had not
 * finished may turn out not to have happened. A sync that a fault made fail loses what it should have made durable, whatever
 * later syncs say, as on Linux (Rebello et al., "Can applications recover from fsync failures?", USENIX ATC 2020).
 */
export class SimulatedDisk {
  readonly gauge: LoadGauge;
  readonly overlays = new Overlays<DiskOverlay>();
  readonly gate: PauseGate;
  readonly capacityBytes: number;
  usedBytes = 0;
  /** Space that something else on the machine takes: the process sees it as used. */
  foreignBytes = 0;
  /** Tells the operations of this process from those of the one before. */
  round = 0;
  readonly #kernel: Kernel;
  readonly #spec: DiskSpec;
  readonly #stream: RandomStream;
  readonly #msPerByte: number;
  readonly #files = new Map<string, SimulatedFile>();
  readonly #queue = new Fifo<DiskOperation>();
  #running = 0;
  readonly #channel = new Channel();
  /** Truncations and removals that have not finished, oldest first. */
  #revocable: DiskOperation[] = [];
  /** Syncs that have not finished. */
  #syncs: DiskOperation[] = [];

  constructor(kernel: Kernel, gate: PauseGate, spec: DiskSpec, stream: RandomStream) {
    this.#kernel = kernel;
    this.gate = gate;
    this.#spec = spec;
    this.#stream = stream;
    this.#msPerByte = 1000 / spec.bandwidthBytesPerS;
    this.capacityBytes = spec.capacityBytes;
    this.gauge = new LoadGauge(spec.queueDepth);
  }

  /** See `Disk` in host.ts for this and the operations below. The content changes at once, the time passes after. */
  append(name: string, bytes: Uint8Array, chargedBytes: number, handler: DiskHandler, tag: number): number {
    requireSize('chargedBytes', chargedBytes);
    let file = this.#files.get(name);
    const offset = file?.lengthBytes ?? 0;
    if (this.usedBytes + this.foreignBytes + chargedBytes > this.capacityBytes) {
      this.#submit('append', name, file, 0, 0, FAILED['no-space'], handler, tag);
      return offset;
    }
    if (file === undefined) {
      file = new SimulatedFile();
      this.#files.set(name, file);
    }
    file.append(bytes, chargedBytes);
    this.usedBytes += chargedBytes;
    this.#submit('append', name, file, 0, chargedBytes * this.#msPerByte, OK, handler, tag);
    return offset;
  }

  read(
    name: string,
    offset: number,
    lengthBytes: number,
    chargedBytes: number,
    handler: DiskHandler,
    tag: number,
  ): void {
    requireSize('offset', offset);
    requireSize('lengthBytes', lengthBytes);
    requireSize('chargedBytes', chargedBytes);
    const file = this.#files.get(name);
    const inside = file !== undefined && offset + lengthBytes <= file.lengthBytes;
    const result: DiskResult = inside
      ? { ok: true, bytes: file.read(offset, lengthBytes) }
      : FAILED[file === undefined ? 'not-found' : 'out-of-range'];
    const transferMs = inside ? chargedBytes * this.#msPerByte : 0;
    this.#submit('read', name, file, this.#spec.seekMs, transferMs, result, handler, tag);
  }

  sync(name: string, handler: DiskHandler, tag: number): void {
    const file = this.#files.get(name);
    const result = file === undefined ? FAILED['not-found'] : OK;
    const operation = this.#submit('sync', name, file, this.#spec.syncMs, 0, result, handler, tag);
    if (file === undefined) return;
    operation.syncedBytes = file.lengthBytes;
    this.#syncs.push(operation);
  }

  truncate(name: string, lengthBytes: number, handler: DiskHandler, tag: number): void {
    requireSize('lengthBytes', lengthBytes);
    const file = this.#files.get(name);
    const inside = file !== undefined && lengthBytes <= file.lengthBytes;
    const result = inside ? OK : FAILED[file === undefined ? 'not-found' : 'out-of-range'];
    const operation = this.#submit('truncate', name, file, this.#spec.seekMs, 0, result, handler, tag);
    if (!inside) return;
    this.usedBytes -= file.chargedBytes;
    operation.cut = file.truncate(lengthBytes);
    this.usedBytes += file.chargedBytes;
    this.#revocable.push(operation);
    for (const sync of this.#syncs) {
      if (sync.file === file && sync.syncedBytes > lengthBytes) sync.syncedBytes = lengthBytes;
    }
  }

  list(handler: DiskHandler, tag: number): void {
    this.#submit('list', '', undefined, this.#spec.seekMs, 0, { ok: true, files: this.files() }, handler, tag);
  }

  remove(name: string, handler: DiskHandler, tag: number): void {
    const file = this.#files.get(name);
    const operation = this.#submit('remove', name, file, this.#spec.seekMs, 0, OK, handler, tag);
    if (file === undefined) return;
    this.#files.delete(name);
    this.usedBytes -= file.chargedBytes;
    this.#revocable.push(operation);
  }

  /** All files by name, ascending: for checks. */
  files(): FileInfo[] {
    const files: FileInfo[] = [];
    for (const [name, file] of this.#files) files.push({ name, lengthBytes: file.lengthBytes });
    return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * Flips one bit of a durable byte that `random` chooses, in a file that `wanted` accepts; undefined if there is none. Nobody
   * is told: a checksum may show it.
   */
  corrupt(
    random: RandomStream,
    wanted: (file: string) => boolean,
  ): { file: string; offset: number; mask: number } | undefined {
    const eligible = this.files().filter(({ name }) => wanted(name));
    const durable = ({ name }: FileInfo) => this.#files.get(name)?.syncedBytes ?? 0;
    let at = random.below(
      Math.max(
        1,
        eligible.reduce((sum, info) => sum + durable(info), 0),
      ),
    );
    for (const info of eligible) {
      const file = this.#files.get(info.name);
      if (file !== undefined && at < file.syncedBytes) {
        const mask = 1 << random.below(8);
        file.corrupt(at, mask);
        return { file: info.name, offset: at, mask };
      }
      at -= durable(info);
    }
    return undefined;
  }

  /** What a file is charged for, if ever a bit of it was flipped; undefined otherwise. */
  rottenBytes(name: string): number | undefined {
    const file = this.#files.get(name);
    return file?.rotten ? file.chargedBytes : undefined;
  }

  /** Loses all that it holds, as if replaced by a new one; returns how many files that were. Call it after {@link crash}. */
  wipe(): number {
    const files = this.#files.size;
    this.#files.clear();
    this.usedBytes = 0;
    return files;
  }

  /** Ends all operations, and loses or tears what was not synced. */
  crash(): void {
    this.round++;
    this.#running = 0;
    this.#queue.clear();
    this.#channel.clear(this.#kernel.nowMs);
    this.gauge.empty(this.#kernel.nowMs);
    this.#syncs = [];
    for (const operation of this.#revocable.reverse()) this.#revoke(operation);
    this.#revocable = [];
    this.usedBytes = 0;
    for (const [name, file] of this.#files) {
      file.lastChangeMs = 0;
      const unsynced = Math.min(file.lengthBytes, file.durableLimitBytes) - file.syncedBytes;
      if (file.lengthBytes > file.syncedBytes) file.truncate(file.syncedBytes + this.#stream.below(unsynced + 1));
      // What survives a crash is on the disk, and in the page cache there is nothing that says otherwise.
      file.durableLimitBytes = Number.POSITIVE_INFINITY;
      file.syncedBytes = file.lengthBytes;
      if (file.lengthBytes === 0 && !file.everSynced) this.#files.delete(name);
      else this.usedBytes += file.chargedBytes;
    }
  }

  /** What it has done up to now. */
  reading(): DiskReading {
    const { nowMs } = this.#kernel;
    return { ...this.gauge.read(nowMs), channelBusyMs: this.#channel.busyMs(nowMs) };
  }

  /** A read's access is over: only now does it want the channel, which others may have used until here. */
  accessed(operation: DiskOperation): void {
    const endMs = this.#channel.take(this.#kernel.nowMs, operation.transferMs);
    this.#kernel.scheduleAt(endMs, operation, SERVED, undefined);
  }

  /** An operation's time is over. Called by the operation. */
  served(operation: DiskOperation): void {
    this.#running--;
    this.gauge.complete(this.#kernel.nowMs);
    const { file, kind } = operation;
    if (kind === 'sync' && file !== undefined) {
      this.#syncs.splice(this.#syncs.indexOf(operation), 1);
      if (operation.result.ok) {
        file.syncedBytes = Math.max(file.syncedBytes, Math.min(operation.syncedBytes, file.durableLimitBytes));
        file.everSynced = true;
      } else file.durableLimitBytes = Math.min(file.durableLimitBytes, file.syncedBytes);
    } else if (file !== undefined && (kind === 'truncate' || kind === 'remove')) {
      const index = this.#revocable.indexOf(operation);
      if (index >= 0) this.#revocable.splice(index, 1);
    }
    const next = this.#queue.shift();
    if (next !== undefined) this.#begin(next);
  }

  #submit(
    kind: DiskOperationKind,
    name: string,
    file: SimulatedFile | undefined,
    accessMs: number,
    transferMs: number,
    result: DiskResult,
    handler: DiskHandler,
    tag: number,
  ): DiskOperation {
    const operation = new DiskOperation(this, kind, name, file, accessMs, transferMs, result, handler, tag);
    this.gauge.arrive(this.#kernel.nowMs);
    if (this.#running < this.#spec.queueDepth) this.#begin(operation);
    else this.#queue.push(operation);
    return operation;
  }

  #begin(operation: DiskOperation): void {
    const nowMs = this.#kernel.nowMs;
    for (const overlay of this.overlays.active) overlay.apply(operation);
    const { file, kind, accessMs, transferMs } = operation;
    this.#running++;
    this.gauge.begin(nowMs);
    if (kind === 'read' && accessMs > 0 && transferMs > 0) {
      this.#kernel.scheduleAt(nowMs + accessMs, operation, ACCESSED, undefined);
      return;
    }
    let startMs = nowMs;
    // A sync writes down what came before it; so it starts once that has arrived.
    if (kind === 'sync' && file !== undefined) startMs = Math.max(startMs, file.lastChangeMs);
    let endMs = startMs + accessMs;
    // Of the changes only appends transfer, and they have no access: the order of changes is known as they begin.
    if (transferMs > 0) endMs = this.#channel.take(nowMs, transferMs) + accessMs;
    if (kind !== 'read' && file !== undefined) {
      endMs = Math.max(endMs, file.lastChangeMs);
      file.lastChangeMs = endMs;
    }
    this.#kernel.scheduleAt(endMs, operation, SERVED, undefined);
  }

  /** An unfinished truncation or removal: by a draw, it never happened, unless the file has changed since. */
  #revoke(operation: DiskOperation): void {
    const { file, fileName, kind, cut } = operation;
    if (file === undefined || this.#stream.below(2) === 0) return;
    if (kind === 'remove') {
      if (!this.#files.has(fileName)) this.#files.set(fileName, file);
    } else if (cut !== undefined && this.#files.get(fileName) === file && file.untouchedSince(cut)) {
      file.restore(cut);
    }
  }
}

function requireSize(what: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${what} must be a finite number of at least 0, found ${value}`);
  }
}
