import { writeUtf8 } from '../../hash.ts';

/** The reflected polynomial 0x04C11DB7 of Ethernet, gzip and zip. */
const polynomial = 0xedb88320;

const remainders = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0);
  return remainder;
});

/** The register before the first byte; {@link crc32Final} of the last one is the checksum. */
export const CRC32_START = 0xffffffff;

/** Takes one byte into the register. */
export function crc32Byte(register: number, byte: number): number {
  return (remainders[(register ^ byte) & 0xff] ?? 0) ^ (register >>> 8);
}

/** Takes the UTF-8 of `text` into the register. */
export function crc32Text(register: number, text: string): number {
  let crc = register;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return crc32Utf8(register, text);
    crc = crc32Byte(crc, unit);
  }
  return crc;
}

export function crc32Final(register: number): number {
  return ~register >>> 0;
}

/**
 * CRC-32 of the UTF-8 of `text`, unsigned.
 *
 * Source: ISO 3309, RFC 1952.
 */
export function crc32(text: string): number {
  return crc32Final(crc32Text(CRC32_START, text));
}

let scratch = new Uint8Array(4096);

function crc32Utf8(register: number, text: string): number {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 6);
  const length = writeUtf8(text, scratch);
  let crc = register;
  for (let at = 0; at < length; at++) crc = crc32Byte(crc, scratch[at] ?? 0);
  return crc;
}
