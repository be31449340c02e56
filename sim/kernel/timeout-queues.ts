import type { EventQueue } from './event-queue.ts';
import type { EventRecords } from './event-records.ts';

/**
 * Timers that are nearly always cancelled, kept out of the event queue.
 *
 * All timeouts of one delay expire in the order in which they were set, so each distinct delay has a
 * first-in first-out list, and setting and cancelling cost a few stores. In the event queue each list is
 * stood for by one proxy slot with the time and sequence of what was the head when the proxy was pushed.
 * When the proxy comes up and that head has since been cancelled, the proxy moves on to the present
 * head: about once per delay, not once per timeout.
 */
export class TimeoutQueues {
  readonly #records: EventRecords;
  readonly #queue: EventQueue;
  readonly #delaysMs: number[] = [];
  readonly #heads = new Int32Array(TIMEOUT_QUEUES).fill(NONE);
  readonly #tails = new Int32Array(TIMEOUT_QUEUES).fill(NONE);
  readonly #proxyPending = new Uint8Array(TIMEOUT_QUEUES);
  /** By slot: the list it is in, and its predecessor there. The successor stands in the record. */
  #listOf = new Int8Array(FIRST_CAPACITY).fill(NONE);
  #previous = new Int32Array(FIRST_CAPACITY);

  constructor(records: EventRecords, queue: EventQueue) {
    this.#records = records;
    this.#queue = queue;
    for (let list = 0; list < TIMEOUT_QUEUES; list++) records.acquire(undefined, 0, undefined);
  }

  /** The list for a delay; -1 when too many delays are in use. */
  listFor(delayMs: number): number {
    const known = this.#delaysMs.indexOf(delayMs);
    return known === NONE ? this.#open(delayMs) : known;
  }

  /** Appends a slot whose record has time and sequence. */
  append(list: number, slot: number): void {
    while (slot >= this.#listOf.length) this.#grow();
    const tail = this.#tails[list] ?? NONE;
    this.#records.setNext(slot, NONE);
    this.#previous[slot] = tail;
    this.#listOf[slot] = list;
    this.#tails[list] = slot;
    if (tail !== NONE) {
      this.#records.setNext(tail, slot);
      return;
    }
    this.#heads[list] = slot;
    // A proxy still pending stands at an earlier time, and will move on by itself.
    if (this.#proxyPending[list] === 0) this.#pushProxy(list, slot);
  }

  /** Takes a slot out; false if it is in no list. */
  remove(slot: number): boolean {
    const list = this.#listOf[slot] ?? NONE;
    if (list === NONE) return false;
    this.#listOf[slot] = NONE;
    const next = this.#records.next(slot);
    const previous = this.#previous[slot] ?? NONE;
    if (previous === NONE) this.#heads[list] = next;
    else this.#records.setNext(previous, next);
    if (next === NONE) this.#tails[list] = previous;
    else this.#previous[next] = previous;
    return true;
  }

  /** Timeouts that wait, counted one by one. */
  count(): number {
    let waiting = 0;
    for (let list = 0; list < TIMEOUT_QUEUES; list++) {
      for (let slot = this.#heads[list] ?? NONE; slot !== NONE; slot = this.#records.next(slot)) waiting++;
    }
    return waiting;
  }

  /** A proxy has come up: takes out and returns the timeout that is due, or -1 if that was cancelled. */
  expire(proxy: number): number {
    this.#proxyPending[proxy] = 0;
    const head = this.#heads[proxy] ?? NONE;
    if (head === NONE) return NONE;
    if (this.#records.sequence(head) !== this.#records.sequence(proxy)) {
      this.#pushProxy(proxy, head);
      return NONE;
    }
    this.remove(head);
    const next = this.#heads[proxy] ?? NONE;
    if (next !== NONE) this.#pushProxy(proxy, next);
    return head;
  }

  #pushProxy(list: number, head: number): void {
    this.#records.place(list, this.#records.timeMs(head), this.#records.sequence(head));
    this.#proxyPending[list] = 1;
    this.#queue.push(list);
  }

  #grow(): void {
    const listOf = new Int8Array(2 * this.#listOf.length).fill(NONE);
    listOf.set(this.#listOf);
    this.#listOf = listOf;
    const previous = new Int32Array(listOf.length);
    previous.set(this.#previous);
    this.#previous = previous;
  }

  /** Opens a list for a new delay, or turns an idle one over to it. */
  #open(delayMs: number): number {
    if (this.#delaysMs.length < TIMEOUT_QUEUES) return this.#delaysMs.push(delayMs) - 1;
    for (let list = 0; list < TIMEOUT_QUEUES; list++) {
      if (this.#heads[list] === NONE && this.#proxyPending[list] === 0) {
        this.#delaysMs[list] = delayMs;
        return list;
      }
    }
    return NONE;
  }
}

const NONE = -1;

const FIRST_CAPACITY = 256;
/** How many distinct delays have lists. The first so many slots are the proxies, so it takes them before any event. */
export const TIMEOUT_QUEUES = 16;
