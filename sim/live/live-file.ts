import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskError, DiskResult } from '../host.ts';
import { diskErrorOf, readFully, syncDirectory, writeFully } from './file-operations.ts';

const OK: DiskResult = { ok: true };
const { O_RDWR, O_CREAT } = constants;

/**
 * One file and the operations under way on it. Changes run one after the other in the order in which they were
 * issued; a read runs after the changes issued before it, beside other reads.
 */
export class LiveFile {
  /** With all operations issued so far carried out. */
  lengthBytes = 0;
  chargedBytes = 0;
  exists = false;
  readonly #directory: string;
  readonly #path: string;
  #handle: FileHandle | undefined;
  /** True once the name is known to be durable. */
  #named = false;
  #lastChange: Promise<unknown> = Promise.resolve();
  #reads = new Set<Promise<unknown>>();
  #waitingAppends = 0;
  /** An append failed here: those issued behind it, at offsets that now don't exist, fail too. */
  #brokenAtBytes: number | undefined;

  constructor(directory: string, entry: string) {
    this.#directory = directory;
    this.#path = join(directory, entry);
  }

  /** It was there before, with this length. */
  found(lengthBytes: number): void {
    this.lengthBytes = lengthBytes;
    this.chargedBytes = lengthBytes;
    this.exists = true;
    this.#named = true;
  }

  append(bytes: Uint8Array, chargedBytes: number): Promise<DiskResult> {
    const offset = this.lengthBytes;
    // The caller may go on to use its buffer before the write begins.
    const copy = bytes.slice();
    this.exists = true;
    this.lengthBytes += copy.length;
    this.chargedBytes += chargedBytes;
    this.#waitingAppends++;
    return this.#change(async () => {
      try {
        if (this.#brokenAtBytes !== undefined) return failed('io-error');
        await writeFully(await this.#open(), copy, offset);
        return OK;
      } catch (error) {
        this.#brokenAtBytes = offset;
        // What was written of it is cut off again; a later append would overwrite it anyway.
        await this.#handle?.truncate(offset).catch(() => {});
        return failed(diskErrorOf(error));
      } finally {
        this.#waitingAppends--;
        if (this.#brokenAtBytes !== undefined) {
          this.chargedBytes -= chargedBytes;
          if (this.#waitingAppends === 0) {
            this.lengthBytes = this.#brokenAtBytes;
            this.#brokenAtBytes = undefined;
          }
        }
      }
    });
  }

  read(offset: number, lengthBytes: number): Promise<DiskResult> {
    if (offset + lengthBytes > this.lengthBytes) return Promise.resolve(failed('out-of-range'));
    const read = this.#lastChange.then(() =>
      attempt(async () => {
        const bytes = await readFully(await this.#open(), offset, lengthBytes);
        return bytes.length < lengthBytes ? failed('out-of-range') : { ok: true, bytes };
      }),
    );
    this.#reads.add(read);
    void read.then(() => this.#reads.delete(read));
    return read;
  }

  sync(): Promise<DiskResult> {
    return this.#change(() =>
      attempt(async () => {
        await (await this.#open()).sync();
        if (!this.#named) await syncDirectory(this.#directory);
        this.#named = true;
        return OK;
      }),
    );
  }

  truncate(lengthBytes: number): Promise<DiskResult> {
    if (lengthBytes > this.lengthBytes) return Promise.resolve(failed('out-of-range'));
    if (this.lengthBytes > 0) this.chargedBytes = Math.round((this.chargedBytes * lengthBytes) / this.lengthBytes);
    this.lengthBytes = lengthBytes;
    return this.#change(() =>
      attempt(async () => {
        const handle = await this.#open();
        await handle.truncate(lengthBytes);
        await handle.sync();
        return OK;
      }),
    );
  }

  remove(): Promise<DiskResult> {
    const existed = this.exists;
    this.exists = false;
    this.lengthBytes = 0;
    this.chargedBytes = 0;
    return this.#change(() =>
      attempt(async () => {
        if (!existed) return OK;
        // It may never have come to be: the file is made by its first operation.
        await this.#open();
        await this.#release();
        await unlink(this.#path);
        await syncDirectory(this.#directory);
        this.#named = false;
        return OK;
      }),
    );
  }

  /** Waits for the operations under way, then lets go of the file. */
  async close(): Promise<void> {
    await this.#change(() => this.#release());
  }

  /** Runs `operate` after all that was issued before it. It must not reject. */
  #change<T>(operate: () => Promise<T>): Promise<T> {
    const before = [this.#lastChange, ...this.#reads];
    const change = Promise.all(before).then(operate);
    this.#lastChange = change;
    return change;
  }

  async #open(): Promise<FileHandle> {
    // Created when it is not there, never cut; writes go where they are told to.
    this.#handle ??= await open(this.#path, O_RDWR | O_CREAT, 0o644);
    return this.#handle;
  }

  async #release(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

async function attempt(operate: () => Promise<DiskResult>): Promise<DiskResult> {
  try {
    return await operate();
  } catch (error) {
    return failed(diskErrorOf(error));
  }
}

function failed(error: DiskError): DiskResult {
  return { ok: false, error };
}
