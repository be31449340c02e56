/**
 * Scrambles 32 bits into 32 bits, one to one and evenly: Chris Wellons' `lowbias32`
 * (nullprogram.com, "Prospecting for Hash Functions", 2018; the revised constants).
 */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** A hash of two 32-bit numbers. */
export function mixPair(a: number, b: number): number {
  return mix32(mix32(a) ^ Math.imul(b | 0, 0x9e3779b9));
}

/** A 32-bit hash as a number in (0, 1), never an end. */
export function toUnit(hash: number): number {
  return ((hash >>> 0) + 0.5) / 4294967296;
}

/** A 32-bit seed of any text (FNV-1a, then scrambled). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}
