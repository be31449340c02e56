import { murmur3Bytes } from '../../hash.ts';
import { crc32 } from '../../hash/crc32.ts';
import { md5 } from '../../hash/md5.ts';

/** The hash functions of SUPSI's java-consistent-hashing-algorithms, unsigned numbers of 32 bits. */
export interface SupsiHash {
  text(text: string): number;
  seeded(text: string, seed: number): number;
  /** Of a number of 64 bits and one or two of 32. */
  numbers(value: number, ...seeds: number[]): number;
}

const digest = new Uint32Array(4);

const bytesHashes: Readonly<Record<string, (bytes: Uint8Array) => number>> = {
  MURMUR3: (bytes) => Math.abs(murmur3Bytes(bytes) | 0),
  CRC32: (bytes) => crc32(bytes),
  MD5: (bytes) => {
    md5(bytes, bytes.length, digest);
    const word = digest[0] ?? 0;
    return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
  },
};

export function supsiHash(name: string): SupsiHash {
  const hash = bytesHashes[name];
  if (hash === undefined) throw new Error(`no hash function ${name}`);
  const text = (of: string) => hash(Buffer.from(of, 'utf8'));
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value | 0);
    return bytes;
  };
  return {
    text,
    seeded: (of, seed) => (seed === 0 ? text(of) : hash(Buffer.concat([Buffer.from(of, 'utf8'), word(seed)]))),
    numbers: (value, ...seeds) => hash(Buffer.concat([word(0), word(value), ...seeds.map(word)])),
  };
}

const mask48 = (1n << 48n) - 1n;

/** java.util.Random: numbers below a bound from a seed. */
export class JavaRandom {
  #state: bigint;

  constructor(seed: number) {
    this.#state = (BigInt(seed) ^ 0x5deece66dn) & mask48;
  }

  nextInt(bound: number): number {
    if ((bound & (bound - 1)) === 0) return Number((BigInt(bound) * BigInt(this.#next31())) >> 31n);
    for (;;) {
      const bits = this.#next31();
      const value = bits % bound;
      if (bits - value + (bound - 1) <= 0x7fffffff) return value;
    }
  }

  #next31(): number {
    this.#state = (this.#state * 0x5deece66dn + 0xbn) & mask48;
    return Number(this.#state >> 17n);
  }
}
