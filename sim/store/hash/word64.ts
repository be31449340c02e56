/**
 * An unsigned 64-bit number that is changed in place, in two halves: a bigint would be allocated at each step.
 * Every operation is modulo 2^64 and returns the number itself.
 */
export class Word64 {
  /** Upper 32 bits, as a signed number. */
  high: number;
  /** Lower 32 bits, as a signed number. */
  low: number;

  constructor(high = 0, low = 0) {
    this.high = high | 0;
    this.low = low | 0;
  }

  set(high: number, low: number): this {
    this.high = high | 0;
    this.low = low | 0;
    return this;
  }

  copy(other: Word64): this {
    this.high = other.high;
    this.low = other.low;
    return this;
  }

  xor(other: Word64): this {
    this.high ^= other.high;
    this.low ^= other.low;
    return this;
  }

  add(high: number, low: number): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) | 0;
    this.low = sum | 0;
    return this;
  }

  subtract(high: number, low: number): this {
    const borrow = this.low >>> 0 < low >>> 0 ? 1 : 0;
    this.high = (this.high - high - borrow) | 0;
    this.low = (this.low - low) | 0;
    return this;
  }

  multiply(high: number, low: number): this {
    const carried = upperProduct(this.low, low);
    this.high = (carried + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = Math.imul(this.low, low);
    return this;
  }

  /** x ^= x >> bits, for 1 to 31 bits. */
  xorShiftRight(bits: number): this {
    this.low ^= (this.low >>> bits) | (this.high << (32 - bits));
    this.high ^= this.high >>> bits;
    return this;
  }

  /** x ^= x << bits, for 1 to 31 bits. */
  xorShiftLeft(bits: number): this {
    this.high ^= (this.high << bits) | (this.low >>> (32 - bits));
    this.low ^= this.low << bits;
    return this;
  }

  /** By 1 to 63 bits. */
  rotateLeft(bits: number): this {
    const swapped = bits >= 32;
    const first = swapped ? this.low : this.high;
    const second = swapped ? this.high : this.low;
    const rest = bits & 31;
    if (rest === 0) return this.set(first, second);
    this.high = (first << rest) | (second >>> (32 - rest));
    this.low = (second << rest) | (first >>> (32 - rest));
    return this;
  }

  /** The remainder; `divisor` is a whole number from 1 to 2^26. */
  modulo(divisor: number): number {
    return remainder64(this.high, this.low, divisor);
  }

  /** Whether it stands before `other` in the order of unsigned numbers. */
  isBelow(other: Word64): boolean {
    return this.high === other.high ? this.low >>> 0 < other.low >>> 0 : this.high >>> 0 < other.high >>> 0;
  }

  toBigInt(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }
}

/** The remainder of the unsigned number in two halves; `divisor` is a whole number from 1 to 2^26. */
export function remainder64(high: number, low: number, divisor: number): number {
  return (((high >>> 0) % divisor) * (0x100000000 % divisor) + (low >>> 0)) % divisor;
}

/** The upper 32 bits of the product of two unsigned 32-bit numbers, from four products of 16 bits each. */
function upperProduct(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/** The number as two halves; for tables and tests, not for the way of a request. */
export function word64(value: bigint): Word64 {
  return new Word64(Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn));
}
