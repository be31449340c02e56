import type { CallId } from '../host.ts';

/** Slots in an id: an id is slot + 1 + round × SLOTS. */
const SLOTS = 0x400000;
/** Masks the slot out of an id less 1; exact for any safe integer. */
const LAST_SLOT = SLOTS - 1;

/** Anything that is kept here learns its id. */
export interface Numbered {
  id: CallId;
}

/** The open calls of one process, by id. Ids are not used twice; iteration is in order of slot, the same in every run. */
export class OpenCalls<T extends Numbered> implements Iterable<T> {
  #slots: (T | undefined)[] = [];
  #free: number[] = [];
  #round = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Keeps `call` and gives it its id. */
  add(call: T): void {
    let slot = this.#free.pop();
    if (slot === undefined) {
      slot = this.#slots.length;
      if (slot === SLOTS) throw new RangeError(`more than ${SLOTS} calls open at one node`);
      this.#slots.push(undefined);
    }
    call.id = slot + 1 + this.#round * SLOTS;
    this.#slots[slot] = call;
    this.#size++;
  }

  get(id: CallId): T | undefined {
    const call = this.#slots[(id - 1) & LAST_SLOT];
    return call?.id === id ? call : undefined;
  }

  remove(call: T): void {
    const slot = (call.id - 1) & LAST_SLOT;
    if (this.#slots[slot] !== call) return;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    this.#size--;
    // Each use of a slot needs an id of its own, whichever slot comes next.
    this.#round++;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const call of this.#slots) if (call !== undefined) yield call;
  }
}
