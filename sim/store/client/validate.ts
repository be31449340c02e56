import type { Body } from '../../host.ts';
import { writeUtf8 } from '../hash.ts';
import type { ByteRange } from '../messages/block.ts';
import type { Condition } from '../model.ts';

/** Longest key, in bytes of UTF-8, as in Amazon S3. */
export const MAX_KEY_BYTES = 1_024;

/** Largest object, in bytes: 5 TiB, as in Amazon S3. */
export const MAX_OBJECT_BYTES = 5 * 1024 * 1024 * 1024 * 1024;

/** Most entries of one page of a listing, as in Amazon S3. */
export const MAX_LIST_LIMIT = 1_000;

/** A request that was refused before anything was sent: names the field, what was found and what is accepted. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(field: string, found: unknown, accepted: string) {
    super(`${field}: found ${found}, accepted: ${accepted}`);
  }
}

/** @throws InvalidRequest unless the key has 1 to {@link MAX_KEY_BYTES} bytes. */
export function checkKey(key: string): void {
  if (key.length === 0) throw new InvalidRequest('key', 'an empty text', `1 to ${MAX_KEY_BYTES} bytes of UTF-8`);
  checkText('key', key, 1);
}

/** @throws InvalidRequest on a start or length that is negative, no whole number, or none. */
export function checkRange({ startBytes, lengthBytes }: ByteRange): void {
  if (!isCount(startBytes)) throw new InvalidRequest('range.startBytes', startBytes, 'a whole number, 0 or more');
  if (!isCount(lengthBytes) || lengthBytes === 0)
    throw new InvalidRequest('range.lengthBytes', lengthBytes, 'a whole number, 1 or more');
}

/** @throws InvalidRequest if the declared size is no whole number, too large, or smaller than the real bytes. */
export function checkBody({ sizeBytes, bytes }: Body): void {
  if (isCount(sizeBytes) && sizeBytes >= bytes.length && sizeBytes <= MAX_OBJECT_BYTES) return;
  const accepted = `a whole number from ${bytes.length}, the length of body.bytes, to ${MAX_OBJECT_BYTES}`;
  throw new InvalidRequest('body.sizeBytes', sizeBytes, accepted);
}

/** @throws InvalidRequest on a generation that no version can have. */
export function checkCondition(condition: Condition): void {
  if (condition.kind === 'if-generation' && !isCount(condition.generation))
    throw new InvalidRequest('condition.generation', condition.generation, 'a whole number, 0 or more');
}

/** @throws InvalidRequest on a limit outside 1 to {@link MAX_LIST_LIMIT}, or a prefix or start that no key can have. */
export function checkList(prefix: string, after: string, limit: number): void {
  checkText('prefix', prefix, 0);
  checkText('after', after, 0);
  if (!isCount(limit) || limit < 1 || limit > MAX_LIST_LIMIT)
    throw new InvalidRequest('limit', limit, `a whole number from 1 to ${MAX_LIST_LIMIT}`);
}

function checkText(field: string, text: string, least: number): void {
  // A UTF-16 unit makes one to three bytes, so short and very long texts need no counting.
  if (text.length * 3 <= MAX_KEY_BYTES) return;
  const bytes = text.length > MAX_KEY_BYTES ? text.length : writeUtf8(text, new Uint8Array(text.length * 3));
  if (bytes > MAX_KEY_BYTES)
    throw new InvalidRequest(field, `${bytes} bytes or more`, `${least} to ${MAX_KEY_BYTES} bytes of UTF-8`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
