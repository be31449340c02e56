import { murmur3 } from '../hash.ts';

/**
 * A block's share in the digest of an inventory: the digest of a set of blocks is the XOR of their shares, so adding
 * and removing one costs O(1) and the order does not matter. Metadata computes the same from its object index; two
 * inventories with equal digests and counts are equal but for a chance of about 1 in 2³².
 */
export function blockDigest(id: string, checksum: number): number {
  return murmur3(id, checksum);
}
