import type { EventHandler, EventId } from './event.ts';

/**
 * The scheduled events, by slot: a small integer that is used again at once when its event is over, the
 * last freed first. So a steady simulation allocates nothing and stays in the cache.
 *
 * The numbers of one event stand side by side in 32 bytes, half a cache line, because with a million
 * events pending every line touched is one that must be fetched from memory.
 */
export class EventRecords {
  #doubles = new Float64Array(FIRST_CAPACITY * DOUBLES);
  #words = new Int32Array(this.#doubles.buffer);
  readonly #handlers: (EventHandler | undefined)[] = [];
  readonly #args: unknown[] = [];
  #free = new Int32Array(FIRST_CAPACITY);
  #freeCount = 0;

  /** Takes a slot for an event; time and sequence are still to be set. */
  acquire(handler: EventHandler | undefined, op: number, arg: unknown): number {
    if (op !== (op | 0)) throw new RangeError(`op must be a 32-bit integer, found ${op}`);
    const slot = this.#freeCount > 0 ? (this.#free[--this.#freeCount] ?? 0) : this.#append();
    this.#handlers[slot] = handler;
    this.#args[slot] = arg;
    this.#words[slot * WORDS + OP] = op;
    return slot;
  }

  /** When the event is due. */
  timeMs(slot: number): number {
    return this.#doubles[slot * DOUBLES] ?? 0;
  }

  /** The two 32-bit halves of the time. */
  timeLow(slot: number): number {
    return this.#words[slot * WORDS + LOW_HALF] ?? 0;
  }

  timeHigh(slot: number): number {
    return this.#words[slot * WORDS + 1 - LOW_HALF] ?? 0;
  }

  /** Order of scheduling, the tie-break. */
  sequence(slot: number): number {
    return this.#doubles[slot * DOUBLES + 1] ?? 0;
  }

  place(slot: number, timeMs: number, sequence: number): void {
    this.#doubles[slot * DOUBLES] = timeMs;
    this.#doubles[slot * DOUBLES + 1] = sequence;
  }

  /** A link to another slot, for the list the event is in. */
  next(slot: number): number {
    return this.#words[slot * WORDS + NEXT] ?? 0;
  }

  setNext(slot: number, next: number): void {
    this.#words[slot * WORDS + NEXT] = next;
  }

  op(slot: number): number {
    return this.#words[slot * WORDS + OP] ?? 0;
  }

  /** Undefined once the event was cancelled. */
  handler(slot: number): EventHandler | undefined {
    return this.#handlers[slot];
  }

  arg(slot: number): unknown {
    return this.#args[slot];
  }

  id(slot: number): EventId {
    return slot + (this.#words[slot * WORDS + GENERATION] ?? 0) * SLOTS;
  }

  /** The slot of a pending event; -1 for an id that is stale or never was one. */
  slotOf(id: EventId): number {
    const slot = id % SLOTS;
    return this.#handlers[slot] !== undefined && this.id(slot) === id ? slot : NONE;
  }

  /** Lets go of handler and argument; the slot stays taken. */
  clear(slot: number): void {
    this.#handlers[slot] = undefined;
    this.#args[slot] = undefined;
  }

  /** Frees a cleared slot. */
  release(slot: number): void {
    const generation = (this.#words[slot * WORDS + GENERATION] ?? 0) + 1;
    this.#words[slot * WORDS + GENERATION] = generation;
    // A slot whose generations are used up is retired, so that no id ever comes again.
    if (generation > LAST_GENERATION) return;
    if (this.#freeCount === this.#free.length) this.#growFree();
    this.#free[this.#freeCount++] = slot;
  }

  #append(): number {
    const slot = this.#handlers.length;
    if (slot === SLOTS) throw new RangeError(`at most ${SLOTS} events can pend at a time`);
    if (slot * DOUBLES === this.#doubles.length) this.#grow();
    this.#handlers.push(undefined);
    this.#args.push(undefined);
    this.#words[slot * WORDS + GENERATION] = 1;
    return slot;
  }

  #grow(): void {
    const grown = new Float64Array(2 * this.#doubles.length);
    grown.set(this.#doubles);
    this.#doubles = grown;
    this.#words = new Int32Array(grown.buffer);
  }

  #growFree(): void {
    const grown = new Int32Array(2 * this.#freeCount);
    grown.set(this.#free);
    this.#free = grown;
  }
}

const FIRST_CAPACITY = 256;
const NONE = -1;
/** An id is slot + generation × SLOTS, which a double holds exactly. */
const SLOTS = 0x1000000;
const LAST_GENERATION = 0x1fffffff;

/** A record is 4 doubles, or 8 words, of which the first two doubles are time and sequence. */
const DOUBLES = 4;
const WORDS = 8;
const NEXT = 4;
const GENERATION = 5;
const OP = 6;
/** Which word of a double is the low half: 0 on little-endian machines. */
const LOW_HALF = new Int32Array(new Float64Array([1]).buffer)[0] === 0 ? 0 : 1;
