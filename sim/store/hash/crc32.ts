/** The reflected polynomial 0x04C11DB7. */
const ieee = 0xedb88320;

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? ieee : 0);
  return remainder;
});

/** CRC-32 of IEEE 802.3, as zip and Java have it, of the first `length` of `bytes`; an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, length = bytes.length): number {
  let crc = -1;
  for (let i = 0; i < length; i++) crc = (table[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
