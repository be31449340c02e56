import type { Word64 } from './word64.ts';

/**
 * Moves `state` one step on and writes the number of that step to `out`: a sequence that differs from that of every
 * other state. `state` and `out` must be two words.
 *
 * Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators" (2014).
 */
export function splitMix64(state: Word64, out: Word64): void {
  state.add(0x9e3779b9, 0x7f4a7c15);
  out.copy(state);
  out.xorShiftRight(30).multiply(0xbf58476d, 0x1ce4e5b9);
  out.xorShiftRight(27).multiply(0x94d049bb, 0x133111eb);
  out.xorShiftRight(31);
}
