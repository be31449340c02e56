import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../hash.ts';
import { isValidRange, sliceOf } from './range.ts';
import {
  CHUNK_BYTES,
  decodeHeader,
  encodeBlock,
  encodeTombstone,
  headerBytes,
  isValidId,
  verifiedBody,
} from './record-format.ts';

const SALT = 12_345;

function block(bytes: Uint8Array, sizeBytes = bytes.length) {
  const checksum = crc32c(bytes);
  return { id: 'c.1.1', partition: 4_000_000_000, generation: 3, sizeBytes, lengthBytes: bytes.length, checksum };
}

describe('a record', () => {
  it('says all that it was made of, sizes beyond 32 bits included', () => {
    const bytes = Uint8Array.from([1, 2, 3]);
    const fields = block(bytes, 5_000_000_000_001);
    const header = decodeHeader(encodeBlock(fields, bytes, SALT), 0, SALT);
    expect(header).toMatchObject(fields);
  });

  it('of a deleted block tells which segments it covers', () => {
    const tombstone = encodeTombstone(block(new Uint8Array(9)), 3, 17, SALT);
    expect(decodeHeader(tombstone, 0, SALT)).toMatchObject({
      type: 2,
      lengthBytes: 0,
      firstCovered: 3,
      lastCovered: 17,
    });
  });

  it('of another disk is none', () => {
    expect(decodeHeader(encodeBlock(block(new Uint8Array(9)), new Uint8Array(9), SALT), 0, SALT + 1)).toBe('invalid');
  });

  it('has a checksum for each 64 KiB of a long body, the running one', () => {
    const bytes = new Uint8Array(2 * CHUNK_BYTES + 1).map((_, i) => i * 7);
    const record = encodeBlock(block(bytes), bytes, SALT);
    const tableAt = 40 + 'c.1.1'.length;
    const view = new DataView(record.buffer, record.byteOffset);
    expect(headerBytes(5, bytes.length)).toBe(tableAt + 8 + 4);
    expect(view.getUint32(tableAt, true)).toBe(crc32c(bytes.subarray(0, CHUNK_BYTES)));
    expect(view.getUint32(tableAt + 4, true)).toBe(crc32c(bytes.subarray(0, 2 * CHUNK_BYTES)));
  });

  it('damaged in any one bit is not verified', () => {
    const bytes = new Uint8Array(CHUNK_BYTES + 10).map((_, i) => i * 31);
    const record = encodeBlock(block(bytes), bytes, SALT);
    const header = decodeHeader(record, 0, SALT);
    if (typeof header === 'string') throw new Error(header);
    expect(verifiedBody(record, header)).toEqual(bytes);
    fc.assert(
      fc.property(fc.nat(record.length - 1), fc.nat(7), (at, bit) => {
        const damaged = record.slice();
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        return verifiedBody(damaged, header) === undefined;
      }),
      { seed: 1, numRuns: 300, examples: [...Array(80).keys()].map((at): [number, number] => [at, 0]) },
    );
  });

  it.each([
    ['c.1.1', true],
    ['', false],
    ['a b', false],
    ['é', false],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
  ])('id %j', (id, valid) => expect(isValidId(id)).toBe(valid));
});

describe('a range', () => {
  it('of a full-length body is itself, cut at the end', () => {
    const size = 9_007_199_254_740_991;
    expect(sliceOf({ startBytes: size - 5, lengthBytes: 3 }, size, size)).toEqual({
      sizeBytes: 3,
      start: size - 5,
      end: size - 2,
    });
    expect(sliceOf({ startBytes: 90, lengthBytes: 50 }, 100, 100)).toEqual({ sizeBytes: 10, start: 90, end: 100 });
    expect(sliceOf({ startBytes: 100, lengthBytes: 1 }, 100, 100)).toBeUndefined();
  });

  it('maps tiles of the declared size to tiles of the real bytes, none with more real bytes than declared', () => {
    const sizes = fc.integer({ min: 1, max: 10_000 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size)));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 500 }), ([size, length], tile) => {
        let reached = 0;
        for (let startBytes = 0; startBytes < size; startBytes += tile) {
          const slice = sliceOf({ startBytes, lengthBytes: tile }, size, length);
          if (slice === undefined || slice.start !== reached || slice.end - slice.start > slice.sizeBytes) return false;
          reached = slice.end;
        }
        return reached === length;
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([
    [-1, 5],
    [0, 0],
    [0.5, 1],
    [0, Number.NaN],
  ])('from %d of length %d is none', (startBytes, lengthBytes) => {
    expect(isValidRange({ startBytes, lengthBytes })).toBe(false);
  });
});
