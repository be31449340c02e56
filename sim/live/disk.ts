import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk, DiskHandler, DiskResult, FileInfo } from '../host.ts';
import type { Lifeline } from './lifeline.ts';
import { LiveFile } from './live-file.ts';

const OK: DiskResult = { ok: true };

/**
 * A directory of real files. Lengths are kept in memory, so that an append knows its offset at once; they follow
 * the files, which nobody else may touch. Space is counted as declared by this process, and at the real length for
 * what an earlier one has left.
 */
export class LiveDisk implements Disk {
  readonly capacityBytes: number;
  readonly #directory: string;
  readonly #lifeline: Lifeline;
  readonly #files = new Map<string, LiveFile>();

  /** Opens the directory, which is made if it is not there. @throws Error of the file system if that fails. */
  constructor(directory: string, capacityBytes: number, lifeline: Lifeline) {
    this.#directory = directory;
    this.capacityBytes = capacityBytes;
    this.#lifeline = lifeline;
    mkdirSync(directory, { recursive: true });
    for (const entry of readdirSync(directory)) {
      const file = new LiveFile(directory, entry);
      file.found(statSync(join(directory, entry)).size);
      this.#files.set(nameOf(entry), file);
    }
  }

  get usedBytes(): number {
    let usedBytes = 0;
    for (const file of this.#files.values()) usedBytes += file.chargedBytes;
    return usedBytes;
  }

  append(file: string, bytes: Uint8Array, chargedBytes: number, handler: DiskHandler, tag: number): number {
    requireSize('chargedBytes', chargedBytes);
    if (this.#lifeline.ended) return 0;
    if (this.usedBytes + chargedBytes > this.capacityBytes) {
      this.#tell(handler, tag, Promise.resolve({ ok: false, error: 'no-space' }));
      return this.#files.get(file)?.lengthBytes ?? 0;
    }
    const target = this.#file(file);
    const offset = target.lengthBytes;
    this.#tell(handler, tag, target.append(bytes, chargedBytes));
    return offset;
  }

  read(
    file: string,
    offset: number,
    lengthBytes: number,
    chargedBytes: number,
    handler: DiskHandler,
    tag: number,
  ): void {
    requireSize('offset', offset);
    requireSize('lengthBytes', lengthBytes);
    requireSize('chargedBytes', chargedBytes);
    this.#on(file, handler, tag, (found) => found.read(offset, lengthBytes));
  }

  sync(file: string, handler: DiskHandler, tag: number): void {
    this.#on(file, handler, tag, (found) => found.sync());
  }

  truncate(file: string, lengthBytes: number, handler: DiskHandler, tag: number): void {
    requireSize('lengthBytes', lengthBytes);
    this.#on(file, handler, tag, (found) => found.truncate(lengthBytes));
  }

  list(handler: DiskHandler, tag: number): void {
    if (this.#lifeline.ended) return;
    const files: FileInfo[] = [];
    for (const [name, file] of this.#files) if (file.exists) files.push({ name, lengthBytes: file.lengthBytes });
    files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    this.#tell(handler, tag, Promise.resolve({ ok: true, files }));
  }

  remove(file: string, handler: DiskHandler, tag: number): void {
    if (this.#lifeline.ended) return;
    const found = this.#files.get(file);
    this.#tell(handler, tag, found === undefined ? Promise.resolve(OK) : found.remove());
  }

  /** Waits for the operations under way and closes the files. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }

  #file(name: string): LiveFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file = new LiveFile(this.#directory, entryOf(name));
    this.#files.set(name, file);
    return file;
  }

  #on(name: string, handler: DiskHandler, tag: number, operate: (file: LiveFile) => Promise<DiskResult>): void {
    if (this.#lifeline.ended) return;
    const file = this.#files.get(name);
    const missing: DiskResult = { ok: false, error: 'not-found' };
    this.#tell(handler, tag, file?.exists === true ? operate(file) : Promise.resolve(missing));
  }

  #tell(handler: DiskHandler, tag: number, outcome: Promise<DiskResult>): void {
    // Out of the promise's chain first: what a handler throws is the process's failure, not the disk's.
    void outcome.then((result) =>
      setImmediate(() => {
        if (!this.#lifeline.ended) handler.onDisk(tag, result);
      }),
    );
  }
}

/** Any name makes a file name: the prefix keeps `.` and `..` apart from the directory's own. */
function entryOf(name: string): string {
  return `f-${encodeURIComponent(name)}`;
}

function nameOf(entry: string): string {
  if (!entry.startsWith('f-')) throw new Error(`${entry}: not a file of this store; its directory must be its own`);
  return decodeURIComponent(entry.slice(2));
}

function requireSize(what: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${what} must be a finite number of at least 0, found ${value}`);
  }
}
