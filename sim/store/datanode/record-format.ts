import { crc32c } from '../hash.ts';
import { ByteArena } from './byte-arena.ts';

/**
 * How one record stands in a segment. All integers are little-endian.
 *
 * ```
 *  0 u32 magic        4 u8 type     5 u8 version   6 u16 length of the id
 *  8 u32 partition   12 u32 generation
 * 16 u32 declared size, low half   20 u32 high half
 * 24 u32 real length of the body   28 u32 CRC32C of the body
 * 32 u32 first segment covered     36 u32 last segment covered       (tombstones; 0 in blocks)
 * 40 the id in ASCII, then one u32 for each full 64 KiB chunk but the last, then u32 CRC32C of all of the above
 * .. the body
 * ```
 *
 * A chunk's checksum is the running CRC32C of the body up to the chunk's end, so one pass verifies the whole, and a
 * chunk is verified alone by starting from the one before it.
 *
 * The header's checksum starts from a salt of the disk: neither a log that somebody stored as a body nor a segment of
 * another disk is ever taken for this log. Append-only logs with per-record checksums follow Bitcask (Sheehy and Smith,
 * 2010) and Haystack (Beaver et al., OSDI 2010).
 */

export const RECORD_MAGIC = 0x4c4b5645;
const VERSION = 1;

export const BLOCK = 1;
export const TOMBSTONE = 2;
export type RecordType = typeof BLOCK | typeof TOMBSTONE;

/** Bytes before the id. */
export const FIXED_HEADER_BYTES = 40;
export const CHUNK_BYTES = 64 * 1024;
export const MAX_ID_LENGTH = 128;
const CHECKSUM_BYTES = 4;
const TWO_TO_32 = 4_294_967_296;
const NO_BYTES = new Uint8Array(0);
/** Where encoded records are made. It holds no content that anybody could see twice, so it may be shared. */
const arena = new ByteArena();

/** What a record says, without its body. */
export interface RecordHeader {
  readonly type: RecordType;
  readonly id: string;
  readonly partition: number;
  readonly generation: number;
  /** Declared size of the body. */
  readonly sizeBytes: number;
  /** Real length of the body. */
  readonly lengthBytes: number;
  /** CRC32C of the body. */
  readonly checksum: number;
  /** The header's own checksum. */
  readonly headerChecksum: number;
  /** Tombstones: the segments, both included, in which older records of this id may stand. */
  readonly firstCovered: number;
  readonly lastCovered: number;
}

/** What both the index and the record say of a block. */
export type BlockFields = Pick<
  RecordHeader,
  'id' | 'partition' | 'generation' | 'sizeBytes' | 'lengthBytes' | 'checksum'
>;

/** The header's checksum of an encoded record whose body begins at `bodyAt`. */
export function headerChecksumOf(record: Uint8Array, bodyAt: number): number {
  return getU32(record, bodyAt - CHECKSUM_BYTES);
}

/** An id that can stand in a record: 1 to {@link MAX_ID_LENGTH} printable ASCII characters without spaces. */
export function isValidId(id: string): boolean {
  if (id.length === 0 || id.length > MAX_ID_LENGTH) return false;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

function chunkEntries(lengthBytes: number): number {
  return lengthBytes <= CHUNK_BYTES ? 0 : Math.ceil(lengthBytes / CHUNK_BYTES) - 1;
}

/** Length of a record's header, its checksum included. */
export function headerBytes(idLength: number, lengthBytes: number): number {
  return FIXED_HEADER_BYTES + idLength + 4 * chunkEntries(lengthBytes) + CHECKSUM_BYTES;
}

function putU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}

/** Reads an unsigned 32-bit integer; the caller has checked that `at + 4` lies within. */
export function getU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

/** Encodes a block with its body, into bytes that nothing else uses. The id has passed {@link isValidId}. */
export function encodeBlock(block: BlockFields, body: Uint8Array, salt: number): Uint8Array {
  return encode(BLOCK, block, block.sizeBytes, block.checksum, body, 0, 0, salt);
}

/** Encodes the tombstone of a block whose records stand in segments `firstCovered` to `lastCovered`. */
export function encodeTombstone(
  block: BlockFields,
  firstCovered: number,
  lastCovered: number,
  salt: number,
): Uint8Array {
  return encode(TOMBSTONE, block, 0, 0, NO_BYTES, firstCovered, lastCovered, salt);
}

function encode(
  type: RecordType,
  block: BlockFields,
  sizeBytes: number,
  checksum: number,
  body: Uint8Array,
  firstCovered: number,
  lastCovered: number,
  salt: number,
): Uint8Array {
  const { id } = block;
  const bodyAt = headerBytes(id.length, body.length);
  const out = arena.take(bodyAt + body.length);
  putU32(out, 0, RECORD_MAGIC);
  out[4] = type;
  out[5] = VERSION;
  out[6] = id.length;
  out[7] = id.length >>> 8;
  putU32(out, 8, block.partition);
  putU32(out, 12, block.generation);
  putU32(out, 16, sizeBytes % TWO_TO_32);
  putU32(out, 20, Math.floor(sizeBytes / TWO_TO_32));
  putU32(out, 24, body.length);
  putU32(out, 28, checksum);
  putU32(out, 32, firstCovered);
  putU32(out, 36, lastCovered);
  for (let i = 0; i < id.length; i++) out[FIXED_HEADER_BYTES + i] = id.charCodeAt(i);
  let at = FIXED_HEADER_BYTES + id.length;
  let running = 0;
  for (let chunk = 0; chunk < chunkEntries(body.length); chunk++) {
    running = crc32c(body.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES), running);
    putU32(out, at, running);
    at += 4;
  }
  putU32(out, at, crc32c(out.subarray(0, at), salt));
  out.set(body, bodyAt);
  return out;
}

/**
 * Parses the header that begins at `at`. `incomplete` means that what stands there may be a header, but the bytes end
 * before it does; `invalid` that it is none or fails its checksum.
 */
export function decodeHeader(bytes: Uint8Array, at: number, salt: number): RecordHeader | 'incomplete' | 'invalid' {
  const available = bytes.length - at;
  if (available < 4) return 'incomplete';
  if (getU32(bytes, at) !== RECORD_MAGIC) return 'invalid';
  if (available < FIXED_HEADER_BYTES) return 'incomplete';
  const type = bytes[at + 4];
  if ((type !== BLOCK && type !== TOMBSTONE) || bytes[at + 5] !== VERSION) return 'invalid';
  const idLength = (bytes[at + 6] ?? 0) | ((bytes[at + 7] ?? 0) << 8);
  if (idLength === 0 || idLength > MAX_ID_LENGTH) return 'invalid';
  const lengthBytes = getU32(bytes, at + 24);
  const length = headerBytes(idLength, lengthBytes);
  if (available < length) return 'incomplete';
  const checksumAt = at + length - CHECKSUM_BYTES;
  const headerChecksum = getU32(bytes, checksumAt);
  if (headerChecksum !== crc32c(bytes.subarray(at, checksumAt), salt)) return 'invalid';
  let id = '';
  for (let i = 0; i < idLength; i++) id += String.fromCharCode(bytes[at + FIXED_HEADER_BYTES + i] ?? 0);
  return {
    type,
    id,
    partition: getU32(bytes, at + 8),
    generation: getU32(bytes, at + 12),
    sizeBytes: getU32(bytes, at + 16) + getU32(bytes, at + 20) * TWO_TO_32,
    lengthBytes,
    checksum: getU32(bytes, at + 28),
    headerChecksum,
    firstCovered: getU32(bytes, at + 32),
    lastCovered: getU32(bytes, at + 36),
  };
}

/**
 * Verifies that `record`, as read from disk, is the block that the index speaks of, down to the last bit: each field of
 * the header against the index, the body against its checksums. Returns the body, or undefined if anything differs.
 */
export function verifiedBody(
  record: Uint8Array,
  expected: BlockFields & { readonly headerChecksum: number },
): Uint8Array | undefined {
  const { id, lengthBytes } = expected;
  const bodyAt = headerBytes(id.length, lengthBytes);
  if (
    record.length !== bodyAt + lengthBytes ||
    getU32(record, 0) !== RECORD_MAGIC ||
    record[4] !== BLOCK ||
    record[5] !== VERSION ||
    record[6] !== id.length ||
    record[7] !== 0 ||
    getU32(record, 8) !== expected.partition ||
    getU32(record, 12) !== expected.generation ||
    getU32(record, 16) + getU32(record, 20) * TWO_TO_32 !== expected.sizeBytes ||
    getU32(record, 24) !== lengthBytes ||
    getU32(record, 28) !== expected.checksum ||
    getU32(record, 32) !== 0 ||
    getU32(record, 36) !== 0 ||
    headerChecksumOf(record, bodyAt) !== expected.headerChecksum
  ) {
    return undefined;
  }
  for (let i = 0; i < id.length; i++) {
    if (record[FIXED_HEADER_BYTES + i] !== id.charCodeAt(i)) return undefined;
  }
  const body = record.subarray(bodyAt);
  const tableAt = FIXED_HEADER_BYTES + id.length;
  const chunks = chunkEntries(lengthBytes);
  if (chunks === 0) return crc32c(body) === expected.checksum ? body : undefined;
  let running = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    running = crc32c(body.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES), running);
    if (running !== getU32(record, tableAt + 4 * chunk)) return undefined;
  }
  return crc32c(body.subarray(chunks * CHUNK_BYTES), running) === expected.checksum ? body : undefined;
}
