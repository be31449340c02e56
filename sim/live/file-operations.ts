import { type FileHandle, open } from 'node:fs/promises';
import type { DiskError } from '../host.ts';

/** Writes all of `bytes` at `offset`; the system may take it in pieces. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

/** Reads exactly `lengthBytes` at `offset`; fewer if the file ends there. */
export async function readFully(file: FileHandle, offset: number, lengthBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(lengthBytes);
  let done = 0;
  while (done < lengthBytes) {
    const { bytesRead } = await file.read(bytes, done, lengthBytes - done, offset + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}

/** Makes the names in a directory durable: a new file, or a removal. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What the store is told of a failure of the file system. */
export function diskErrorOf(error: unknown): DiskError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? 'no-space' : 'io-error';
}
