import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Word64 } from '../../hash/word64.ts';
import { crc32 } from './crc32.ts';
import { textHashes } from './text-hash.ts';

const file = '../shared/vectors/hashes.json';
const absent = !existsSync(file);
interface Row {
  readonly input: string;
  readonly [column: string]: unknown;
}
const rows: readonly Row[] = absent ? [] : JSON.parse(readFileSync(file, 'utf8')).strings;

describe.skipIf(absent)(`hashes of ${file}${absent ? ' (absent)' : ''}`, () => {
  it.each([
    ['xxh64', 'xxh64'],
    ['fnv1a-64', 'fnv1a_64'],
    ['murmur64a-envoy', 'murmur2_64A_seed_0xc70f6907'],
    ['siphash24', 'siphash24_k(0,0)'],
    ['siphash24-maglev', 'siphash24_k(0xdeadbeefcafebabe,0)'],
  ] as const)('%s', (name, column) => {
    const expected = rows.map((row) => row[column] ?? row[`${column}_seed0`]);
    expect(expected).not.toContain(undefined);
    expect(rows.map(({ input }) => String(textHashes[name](input, new Word64()).toBigInt()))).toEqual(expected);
  });

  it('crc32', () => {
    expect(rows.map(({ input }) => crc32(input))).toEqual(rows.map((row) => row['crc32_ieee']));
  });
});
