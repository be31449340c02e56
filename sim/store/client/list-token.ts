import { crc32c, writeUtf8 } from '../hash.ts';
import type { ListQuery } from './list-query.ts';

const VERSION = '1';

/** Where a listing goes on, and which state it shows. */
export interface ListPosition {
  /** Only what sorts after it. */
  readonly after: string;
  readonly revision: number;
}

/**
 * The continuation of a listing as one opaque text: `1.<revision>.<check>.<after>`. The check (CRC32C) binds it to the
 * prefix and the delimiter of the listing that it belongs to, and tells a text that was cut or made up. It guards against
 * mistakes, not against malice: a token gives no access to anything.
 */
export function listToken(query: ListQuery, { after, revision }: ListPosition): string {
  return `${VERSION}.${revision}.${checkOf(query, after, revision)}.${encodeURIComponent(after)}`;
}

/** What a token says; undefined unless it was made by {@link listToken} for the same prefix and delimiter. */
export function readListToken(query: ListQuery, token: string): ListPosition | undefined {
  const [version, revisionText = '', check, ...rest] = token.split('.');
  const revision = Number(revisionText);
  if (version !== VERSION || !Number.isSafeInteger(revision) || revision < 0) return undefined;
  const after = decoded(rest.join('.'));
  return after !== undefined && check === checkOf(query, after, revision) ? { after, revision } : undefined;
}

function checkOf({ prefix = '', delimiter = '' }: ListQuery, after: string, revision: number): string {
  // Lengths keep the parts apart, whatever characters they have.
  const text = `${prefix.length} ${delimiter.length} ${revision} ${prefix}${delimiter}${after}`;
  const bytes = new Uint8Array(3 * text.length);
  return crc32c(bytes.subarray(0, writeUtf8(text, bytes))).toString(16);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
