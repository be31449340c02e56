import { fnv1a64 } from '../../hash/fnv1a64.ts';
import { type Hash64, hashText } from '../../hash/hash64.ts';
import { siphash24 } from '../../hash/siphash24.ts';
import { Word64 } from '../../hash/word64.ts';
import { xxh64 } from '../../hash/xxh64.ts';
import { murmur64A } from './murmur64a.ts';

/** A 64-bit hash of a text's UTF-8; writes it to `into` and allocates nothing. */
export type TextHash64 = (text: string, into: Word64) => Word64;

function ofText(hash: Hash64): TextHash64 {
  return (text, into) => hashText(text, hash, into);
}

/** The 64-bit hashes by name, as the balancers that offer a choice list them. */
export const textHashes = {
  xxh64: ofText(xxh64()),
  /** With the seed 1, for a second number from the same text. */
  'xxh64-1': ofText(xxh64(1)),
  /** With the seed that Envoy calls MURMUR_HASH_2. */
  'murmur64a-envoy': ofText(murmur64A(0xc70f6907)),
  'fnv1a-64': ofText(fnv1a64),
  /** With a key of 0. */
  siphash24: ofText(siphash24(new Word64(), new Word64())),
  /** With the key of go-maglev. */
  'siphash24-maglev': ofText(siphash24(new Word64(0xdeadbeef, 0xcafebabe), new Word64())),
} as const satisfies Record<string, TextHash64>;
