import type { EventRecords } from './event-records.ts';

/**
 * Events in order of (time, sequence) in one array: nothing is faster while they are few, or while they
 * arrive in order. Taken from the front; inserted from the back, where later events belong.
 */
export class SortedRun {
  readonly #records: EventRecords;
  #times = new Float64Array(FIRST_CAPACITY);
  #slots = new Int32Array(FIRST_CAPACITY);
  #head = 0;
  #tail = 0;

  constructor(records: EventRecords) {
    this.#records = records;
  }

  get length(): number {
    return this.#tail - this.#head;
  }

  /** Time of the event at `index` from the front; of the last one taken at -1, until the next insertion. */
  timeAt(index: number): number {
    return this.#times[this.#head + index] ?? 0;
  }

  slotAt(index: number): number {
    return this.#slots[this.#head + index] ?? 0;
  }

  /** Inserts a slot and returns how many later events had to move. */
  insert(slot: number): number {
    if (this.#tail === this.#times.length) this.#makeRoom();
    const timeMs = this.#records.timeMs(slot);
    const times = this.#times;
    const slots = this.#slots;
    const head = this.#head;
    const tail = this.#tail;
    let i = tail;
    while (i > head) {
      const time = times[i - 1] ?? 0;
      if (time < timeMs) break;
      const other = slots[i - 1] ?? 0;
      if (time === timeMs && this.#records.sequence(other) < this.#records.sequence(slot)) break;
      times[i] = time;
      slots[i] = other;
      i--;
    }
    times[i] = timeMs;
    slots[i] = slot;
    this.#tail = tail + 1;
    return tail - i;
  }

  /** Removes and returns the first slot if its time is at or before `limitMs`; -1 otherwise, or if there is none. */
  takeUntil(limitMs: number): number {
    const head = this.#head;
    if (head === this.#tail || (this.#times[head] ?? 0) > limitMs) return -1;
    this.#head = head + 1;
    return this.#slots[head] ?? 0;
  }

  clear(): void {
    this.#head = 0;
    this.#tail = 0;
  }

  /** Replaces the content by `slots`, which must be in order. */
  replace(slots: Int32Array): void {
    this.clear();
    while (this.#times.length < slots.length) this.#grow();
    this.#slots.set(slots);
    for (let i = 0; i < slots.length; i++) this.#times[i] = this.#records.timeMs(slots[i] ?? 0);
    this.#tail = slots.length;
  }

  #makeRoom(): void {
    if (this.#head < this.#times.length >> 1) this.#grow();
    this.#times.copyWithin(0, this.#head, this.#tail);
    this.#slots.copyWithin(0, this.#head, this.#tail);
    this.#tail -= this.#head;
    this.#head = 0;
  }

  #grow(): void {
    const times = new Float64Array(2 * this.#times.length);
    times.set(this.#times);
    this.#times = times;
    const slots = new Int32Array(times.length);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}

const FIRST_CAPACITY = 256;
