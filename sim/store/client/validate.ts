import type { Body } from '../../host.ts';
import type { ByteRange } from '../messages.ts';

/** Longest key, in bytes of UTF-8, as in Amazon S3. */
export const MAX_KEY_BYTES = 1_024;

/** Most entries of one page of a listing, as in Amazon S3. */
export const MAX_LIST_LIMIT = 1_000;

/** A request that was refused before anything was sent: names the field, what was found and what is accepted. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

/** @throws InvalidRequest unless the key has 1 to {@link MAX_KEY_BYTES} bytes. */
export function checkKey(key: string): void {
  // A UTF-16 unit makes at most three bytes, so short keys need no counting.
  if (key.length > 0 && key.length * 3 <= MAX_KEY_BYTES) return;
  const bytes = utf8Bytes(key);
  if (bytes < 1 || bytes > MAX_KEY_BYTES)
    throw new InvalidRequest(`key: ${bytes} bytes of UTF-8, accepted are 1 to ${MAX_KEY_BYTES}`);
}

/** @throws InvalidRequest on a negative or fractional range. */
export function checkRange(range: ByteRange): void {
  if (!Number.isInteger(range.startBytes) || range.startBytes < 0)
    throw new InvalidRequest(`range.startBytes: ${range.startBytes}, accepted is a whole number from 0`);
  if (!Number.isInteger(range.lengthBytes) || range.lengthBytes < 1)
    throw new InvalidRequest(`range.lengthBytes: ${range.lengthBytes}, accepted is a whole number from 1`);
}

/** @throws InvalidRequest if the declared size is no whole number or smaller than the real bytes. */
export function checkBody(body: Body): void {
  if (!Number.isInteger(body.sizeBytes) || body.sizeBytes < body.bytes.length) {
    throw new InvalidRequest(
      `body.sizeBytes: ${body.sizeBytes}, accepted is a whole number from ${body.bytes.length}, the length of body.bytes`,
    );
  }
}

/** @throws InvalidRequest on a limit outside 1 to {@link MAX_LIST_LIMIT}. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST_LIMIT)
    throw new InvalidRequest(`limit: ${limit}, accepted is 1 to ${MAX_LIST_LIMIT}`);
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}
