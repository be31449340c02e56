/**
 * An order-sensitive 64-bit digest of numbers, folded 32 bits at a time with integer operations only, so
 * that it is the same on every machine. Two multiply-and-rotate lanes in the manner of xxHash and
 * MurmurHash3; not cryptographic. Every single changed, missing or swapped value changes it.
 */
export class Digest {
  #a = 0x9e3779b1 | 0;
  #b = 0x85ebca77 | 0;

  /** Folds in the low 32 bits of `word`. */
  word(word: number): void {
    const a = Math.imul(this.#a ^ word, 0xcc9e2d51);
    this.#a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.#b + word, 0x1b873593);
    this.#b = ((b << 17) | (b >>> 15)) ^ a;
  }

  /** Folds in an event: the two halves of its time and its op, in one step because it is done for every event. */
  event(timeLow: number, timeHigh: number, op: number): void {
    const a = this.#a ^ timeLow ^ Math.imul(op, 0x27d4eb2f);
    const b = this.#b ^ timeHigh ^ Math.imul(op, 0x165667b1);
    const mixed = Math.imul((a << 13) | (a >>> 19), 0xcc9e2d51);
    this.#a = mixed;
    this.#b = (Math.imul((b << 17) | (b >>> 15), 0x1b873593) + mixed) | 0;
  }

  /** Folds in all 64 bits of a double. */
  number(value: number): void {
    SCRATCH[0] = value;
    this.word(WORDS[LOW_HALF] ?? 0);
    this.word(WORDS[1 - LOW_HALF] ?? 0);
  }

  /** Folds in the length and the UTF-16 units of `text`. */
  text(text: string): void {
    this.word(text.length);
    for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
  }

  /** A digest that goes on from here and leaves this one as it is. */
  fork(): Digest {
    const copy = new Digest();
    copy.#a = this.#a;
    copy.#b = this.#b;
    return copy;
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    const a = avalanche(this.#a ^ Math.imul(this.#b, 0x27d4eb2f));
    const b = avalanche(this.#b ^ Math.imul(a, 0x165667b1));
    return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
  }
}

const SCRATCH = new Float64Array(1);
const WORDS = new Int32Array(SCRATCH.buffer);
SCRATCH[0] = 1;
/** Which 32-bit word of a double is the low half: 0 on little-endian machines. */
const LOW_HALF = WORDS[0] === 0 ? 0 : 1;

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function avalanche(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
