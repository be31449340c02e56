import type { Body } from '../../host.ts';
import { writeUtf8 } from '../hash.ts';
import type { ByteRange } from '../messages/block.ts';
import type { Condition } from '../model.ts';
import type { ListQuery } from './list-query.ts';
import { type ListPosition, readListToken } from './list-token.ts';

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

/** @throws InvalidRequest unless the key is well-formed and has 1 to {@link MAX_KEY_BYTES} bytes. */
export function checkKey(key: string, field = 'key'): void {
  if (key.length === 0) throw new InvalidRequest(field, 'an empty text', `1 to ${MAX_KEY_BYTES} bytes of UTF-8`);
  checkText(field, key, 1);
}

/** @throws InvalidRequest on a start or length that is negative, no whole number, or more than any object has; and on no length. */
export function checkRange({ startBytes, lengthBytes }: ByteRange): void {
  if (!isCount(startBytes) || startBytes >= MAX_OBJECT_BYTES)
    throw new InvalidRequest('range.startBytes', startBytes, `a whole number from 0 to ${MAX_OBJECT_BYTES - 1}`);
  if (!isCount(lengthBytes) || lengthBytes === 0 || lengthBytes > MAX_OBJECT_BYTES)
    throw new InvalidRequest('range.lengthBytes', lengthBytes, `a whole number from 1 to ${MAX_OBJECT_BYTES}`);
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

/** A listing as it was asked for, checked. */
export interface CheckedList {
  readonly limit: number;
  /** Where the page before ended; undefined for a first page. */
  readonly position: ListPosition | undefined;
}

/**
 * @throws InvalidRequest on a limit outside 1 to {@link MAX_LIST_LIMIT}, a prefix, start or delimiter that no key can have,
 * or a token that no page of such a listing gave.
 */
export function checkList(query: ListQuery): CheckedList {
  const { prefix = '', after = '', delimiter = '', limit = MAX_LIST_LIMIT, token } = query;
  checkText('prefix', prefix, 0);
  checkText('after', after, 0);
  checkText('delimiter', delimiter, 0);
  if (!isCount(limit) || limit < 1 || limit > MAX_LIST_LIMIT)
    throw new InvalidRequest('limit', limit, `a whole number from 1 to ${MAX_LIST_LIMIT}`);
  const position = token === undefined ? undefined : readListToken(query, token);
  if (token !== undefined && position === undefined)
    throw new InvalidRequest(
      'token',
      `'${token.slice(0, 40)}'`,
      'what a page of the same prefix and delimiter gave as next',
    );
  return { limit, position };
}

/** @throws InvalidRequest on an age that is negative, endless, or no number. */
export function checkAge(staleWithinMs: number): void {
  if (!(staleWithinMs >= 0 && staleWithinMs < Number.POSITIVE_INFINITY))
    throw new InvalidRequest('staleWithinMs', staleWithinMs, 'a finite number, 0 or more');
}

const LONE_SURROGATE = /[\ud800-\udfff]/u;

function checkText(field: string, text: string, least: number): void {
  const accepted = `${least} to ${MAX_KEY_BYTES} bytes of UTF-8`;
  // RFC 3629 has no form for half a pair: two such keys would be one on the wire.
  if (LONE_SURROGATE.test(text)) throw new InvalidRequest(field, 'half a surrogate pair', accepted);
  // A UTF-16 unit makes one to three bytes, so short and very long texts need no counting.
  if (text.length * 3 <= MAX_KEY_BYTES) return;
  const bytes = text.length > MAX_KEY_BYTES ? text.length : writeUtf8(text, new Uint8Array(text.length * 3));
  if (bytes > MAX_KEY_BYTES) throw new InvalidRequest(field, `${bytes} bytes or more`, accepted);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
