import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TrafficError } from '../traffic-error.ts';

/** A longer line is no line of text. */
const maxLineLength = 4 * 1024 * 1024;

/** What is known of the file once all of it was read. */
export interface FileDigest {
  readonly bytes: number;
  /** SHA-256 of the file as it lies on the disk, in hex. */
  readonly sha256: string;
}

/**
 * The lines of a text file, plain or gzip (told by its first bytes), as arrays of lines; memory does not
 * grow with the file. A byte is a character (latin-1, as web logs are), LF or CRLF ends a line, a
 * byte-order mark is dropped, an empty line is an empty string.
 *
 * @param name how messages call the file
 * @returns after the last line, the digest of the file
 * @throws TrafficError if the file can't be read to its end as text
 */
export async function* readLines(path: string, name = path): AsyncGenerator<readonly string[], FileDigest> {
  const gzip = await isGzip(path, name);
  const file = createReadStream(path);
  const hash = createHash('sha256');
  let bytes = 0;
  file.on('data', (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  // The error, if any, also ends the iteration below.
  const content = pipeline(file, gzip ? createGunzip() : new PassThrough(), () => {});
  let rest = '';
  let atStart = true;
  let count = 0;
  try {
    for await (const chunk of content) {
      let text = Buffer.from(chunk).toString('latin1');
      if (atStart) text = text.replace(/^\xef\xbb\xbf/, '');
      atStart = false;
      if (text.includes('\0'))
        throw new TrafficError(`${place(name, count)} holds binary data; accepted: lines of text`);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > maxLineLength) {
        throw new TrafficError(
          `${place(name, count)} has a line of more than ${maxLineLength} characters; accepted: lines of text`,
        );
      }
      count += lines.length;
      yield lines.map(withoutReturn);
    }
  } catch (error) {
    throw readable(error, name, count);
  }
  if (rest !== '') yield [withoutReturn(rest)];
  return { bytes, sha256: hash.digest('hex') };
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

async function isGzip(path: string, name: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      if ((await file.stat()).isDirectory()) throw new TrafficError(`trace ${name} is a directory; accepted: a file`);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
      if (bytesRead === 4 && buffer.readUInt32LE(0) === 0xfd2fb528) {
        throw new TrafficError(`trace ${name} is compressed by zstd; accepted: plain text or gzip`);
      }
      return bytesRead >= 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readable(error, name, 0);
  }
}

function place(name: string, lines: number): string {
  return `trace ${name}${lines > 0 ? `, after line ${lines},` : ''}`;
}

/** Turns what Node reports into what a person can act on. */
function readable(error: unknown, name: string, lines: number): unknown {
  if (!(error instanceof Error) || error instanceof TrafficError) return error;
  const code = 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'does not exist',
    EACCES: 'may not be read (permission denied)',
    EISDIR: 'is a directory; accepted: a file',
    Z_BUF_ERROR: 'ends in the middle of its gzip stream: it is cut short',
    Z_DATA_ERROR: 'is damaged: its gzip stream can not be decompressed',
  };
  return new TrafficError(`${place(name, lines)} ${reasons[code] ?? `can not be read: ${error.message}`}`, {
    cause: error,
  });
}
