import { writeUtf8 } from '../../hash.ts';

/** Number of hash slots of a Redis cluster. */
export const slotCount = 16_384;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 8;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder & 0x8000 ? 0x1021 : 0);
  return remainder;
});

function extend(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ (table[(crc >>> 8) ^ byte] ?? 0);
}

/** CRC-16/XMODEM (polynomial 0x1021, from 0, not reflected) of `bytes` from `start` up to `end`. */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let at = start; at < end; at++) crc = extend(crc, bytes[at] ?? 0);
  return crc;
}

/**
 * The Redis hash slot of a key: what stands between the first `{` and the next `}` is hashed alone if it isn't empty, so that keys
 * that share it share a slot.
 *
 * Source: Redis cluster specification.
 */
export function slotOfKey(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  const bytes = new Uint8Array(hashed.length * 3);
  return crc16(bytes, 0, writeUtf8(hashed, bytes)) % slotCount;
}

/** The slot of a whole number's decimal digits, as of a key of that text. */
export function slotOfNumber(number: number): number {
  let power = 1;
  while (power * 10 <= number) power *= 10;
  let crc = 0;
  for (let rest = number; power >= 1; power /= 10) {
    const digit = Math.floor(rest / power);
    crc = extend(crc, 48 + digit);
    rest -= digit * power;
  }
  return crc % slotCount;
}
