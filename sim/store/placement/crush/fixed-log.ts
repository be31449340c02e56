import { lowLogs, reciprocalsAndHighLogs } from './log-tables.ts';

const two24 = 0x1000000;
const two48 = 0x1000000000000;

/**
 * 2^44 × log₂(`value` + 1) in Ceph's fixed point, for a whole `value` from 0 to 65,535. Exact to the bit, the table's quirks
 * included; all numbers on the way are whole and below 2^53.
 *
 * Source: Ceph, `crush_ln` of `src/crush/mapper.c`.
 */
export function fixedLog(value: number): number {
  let x = value + 1;
  let exponent = 15;
  if ((x & 0x18000) === 0) {
    const shift = Math.clz32(x & 0x1ffff) - 16;
    x <<= shift;
    exponent = 15 - shift;
  }
  const at = (x >> 8) * 2 - 256;
  const reciprocal = reciprocalsAndHighLogs[at] ?? 0;
  const highLog = reciprocalsAndHighLogs[at + 1] ?? 0;
  // The quotient lies just above 2^15, and its low byte is how far.
  const upper = Math.floor(reciprocal / two24);
  const lower = reciprocal - upper * two24;
  const quotient = Math.floor((x * upper + Math.floor((x * lower) / two24)) / two24);
  const lowLog = lowLogs[quotient & 0xff] ?? 0;
  return exponent * 0x100000000000 + Math.floor((highLog + lowLog) / 16);
}

let table: Float64Array | undefined;

/** By the 16 low bits of a hash, read as a fraction of 1: 2^44 × log₂ of it, at most 0. Made once, at first need: 512 KiB. */
export function logsOfFractions(): Float64Array {
  table ??= Float64Array.from({ length: 0x10000 }, (_, value) => fixedLog(value) - two48);
  return table;
}
