import type { Word64 } from './word64.ts';

/**
 * FNV-1a with 64 bits, whose high bits hardly depend on the last bytes: mix it before it is compared.
 *
 * Source: G. Fowler, L. Noll, K.-P. Vo; RFC 9923.
 */
export function fnv1a64(bytes: Uint8Array, length: number, out: Word64): void {
  out.set(0xcbf29ce4, 0x84222325);
  for (let i = 0; i < length; i++) {
    out.low ^= bytes[i] ?? 0;
    out.multiply(0x100, 0x1b3);
  }
}
