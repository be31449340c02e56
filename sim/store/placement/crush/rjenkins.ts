/**
 * Robert Jenkins' 32-bit mix as Ceph calls it `rjenkins1`: two and three numbers to one. Arguments count as unsigned 32-bit numbers,
 * so that the negative ids of buckets wrap.
 *
 * Source: R. Jenkins, "evahash" (1997); Ceph, `src/crush/hash.c`.
 */

const seed = 1315423911;

/** What the last mix left in its three places; a tuple would be an object a mix. */
let first = 0;
let second = 0;
let third = 0;

function mix(x: number, y: number, z: number): void {
  let a = x | 0;
  let b = y | 0;
  let c = z | 0;
  a = (a - b - c) ^ (c >>> 13);
  b = (b - c - a) ^ (a << 8);
  c = (c - a - b) ^ (b >>> 13);
  a = (a - b - c) ^ (c >>> 12);
  b = (b - c - a) ^ (a << 16);
  c = (c - a - b) ^ (b >>> 5);
  a = (a - b - c) ^ (c >>> 3);
  b = (b - c - a) ^ (a << 10);
  c = (c - a - b) ^ (b >>> 15);
  first = a;
  second = b;
  third = c;
}

/** Unsigned 32 bits of two numbers. */
export function rjenkins2(a: number, b: number): number {
  mix(a, b, seed ^ a ^ b);
  const mixedA = first;
  const mixedB = second;
  mix(231232, mixedA, third);
  mix(mixedB, 1232, third);
  return third >>> 0;
}

/** Unsigned 32 bits of three numbers. */
export function rjenkins3(a: number, b: number, c: number): number {
  mix(a, b, seed ^ a ^ b ^ c);
  const mixedA = first;
  const mixedB = second;
  mix(c, 231232, third);
  const mixedC = first;
  const x = second;
  mix(1232, mixedA, third);
  const y = first;
  mix(mixedB, x, third);
  mix(y, mixedC, third);
  return third >>> 0;
}
