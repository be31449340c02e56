import type { EventRecords } from './event-records.ts';
import { SortedRun } from './sorted-run.ts';

/**
 * The pending events in order of (time, sequence): a two-level calendar queue.
 *
 * Near events stand in a sorted run. While they are few that is all there is. When inserting there
 * becomes too much work, the time ahead is cut into equal buckets, each for about two events and twice as
 * many as events pend. What lies beyond the last bucket waits unsorted in `far`, so microseconds beside
 * minutes cost the minutes one look per turn of the calendar. Each bucket is sorted when its time comes.
 * When the buckets are used up, a new calendar is laid out over `far`, its buckets as wide as two gaps
 * between the events of the last one: the queue follows the load.
 *
 * Calendar queue: Brown (1988). Sorting only what is near: the lazy queue of Rönngren et al. (1991), the
 * ladder queue of Tang, Goh and Thng (2005). The queue holds slots: small integers that index its
 * caller's records.
 */
export class EventQueue {
  readonly #records: EventRecords;
  readonly #near: SortedRun;

  /** Bucket b covers `origin + [b, b + 1) / bucketsPerMs`. Comparing bucket numbers, never times, keeps rounding harmless. */
  #originMs = 0;
  #bucketsPerMs = 0;
  /** Buckets below it have been emptied into `near`. Without a calendar all time lies below it. */
  #cursor = 1;
  #bucketCount = 1;
  #heads = new Int32Array(0);
  /** One bit a bucket: whether it holds anything. */
  #occupied = new Int32Array(0);
  #inBuckets = 0;

  #farSlots = new Int32Array(64);
  #farCount = 0;

  /** Events that entered `near` since the calendar was laid out. */
  #entered = 0;
  /** Work spent that a better calendar would have saved, in moves of an entry. */
  #strain = 0;

  constructor(records: EventRecords) {
    this.#records = records;
    this.#near = new SortedRun(records);
  }

  /** Slots held. */
  get size(): number {
    return this.#near.length + this.#inBuckets + this.#farCount;
  }

  /** Adds a slot whose record has time and sequence: a double passed along would often be boxed, which costs more. */
  push(slot: number): void {
    const position = (this.#records.timeMs(slot) - this.#originMs) * this.#bucketsPerMs;
    if (position < this.#cursor) {
      this.#entered++;
      const moves = this.#near.insert(slot);
      if (moves > EASY_MOVES) this.#strained(moves);
    } else if (position < this.#bucketCount) {
      this.#link(slot, position | 0);
    } else {
      this.#pushFar(slot);
    }
  }

  /** Removes and returns the earliest slot due at or before `limitMs`; -1 if there is none. */
  popUntil(limitMs: number): number {
    if (this.#near.length === 0 && !this.#refill()) return NONE;
    return this.#near.takeUntil(limitMs);
  }

  /** All slots held, in no order. Changes nothing. */
  *slots(): Generator<number, void> {
    for (let i = 0; i < this.#near.length; i++) yield this.#near.slotAt(i);
    for (let i = 0; i < this.#farCount; i++) yield this.#farSlots[i] ?? 0;
    for (let bucket = this.#cursor; this.#inBuckets > 0 && bucket < this.#bucketCount; bucket++) {
      for (let slot = this.#heads[bucket] ?? NONE; slot !== NONE; slot = this.#records.next(slot)) yield slot;
    }
  }

  /** Removes the slots for which `isStale` holds and lays the rest out anew. */
  sweep(isStale: (slot: number) => boolean): void {
    const hasCalendar = this.#bucketsPerMs > 0;
    const kept = this.#drain().filter((slot) => !isStale(slot));
    if (hasCalendar) this.#layOut(kept, 1 / (this.#bucketsPerMs * GAPS_PER_BUCKET));
    else this.#near.replace(kept);
  }

  #link(slot: number, bucket: number): void {
    this.#records.setNext(slot, this.#heads[bucket] ?? NONE);
    this.#heads[bucket] = slot;
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] ?? 0) | (1 << (bucket & 31));
    this.#inBuckets++;
  }

  #pushFar(slot: number): void {
    if (this.#farCount === this.#farSlots.length) {
      const grown = new Int32Array(2 * this.#farCount);
      grown.set(this.#farSlots);
      this.#farSlots = grown;
    }
    this.#farSlots[this.#farCount++] = slot;
  }

  /** Fills the empty `near` from the next bucket in use, or from `far`; false if nothing is pending. */
  #refill(): boolean {
    if (this.#inBuckets === 0) {
      if (this.#farCount === 0) {
        this.#forgetCalendar();
        return false;
      }
      this.#turnCalendar();
      if (this.#near.length > 0) return true;
    }
    this.#takeBucket(this.#nextOccupied());
    return true;
  }

  #nextOccupied(): number {
    let word = this.#cursor >> 5;
    let bits = (this.#occupied[word] ?? 0) & (-1 << (this.#cursor & 31));
    while (bits === 0) bits = this.#occupied[++word] ?? 0;
    return (word << 5) + (31 - Math.clz32(bits & -bits));
  }

  #takeBucket(bucket: number): void {
    const records = this.#records;
    // The list runs from the newest to the oldest; ties are cheapest to sort oldest first.
    let oldest = NONE;
    let count = 0;
    for (let slot = this.#heads[bucket] ?? NONE; slot !== NONE; ) {
      const older = records.next(slot);
      records.setNext(slot, oldest);
      oldest = slot;
      slot = older;
      count++;
    }
    this.#heads[bucket] = NONE;
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] ?? 0) & ~(1 << (bucket & 31));
    this.#inBuckets -= count;
    this.#entered += count;
    this.#cursor = bucket + 1;
    if (count > FULL_BUCKET) {
      this.#takeFullBucket(oldest, count);
      return;
    }
    for (let slot = oldest; slot !== NONE; slot = records.next(slot)) {
      this.#near.insert(slot);
    }
  }

  #takeFullBucket(oldest: number, count: number): void {
    const slots = new Int32Array(count);
    let slot = oldest;
    for (let i = 0; i < count; i++) {
      slots[i] = slot;
      slot = this.#records.next(slot);
    }
    this.#near.replace(this.#sort(slots));
    // More buckets would not part events of one time.
    if (this.#near.timeAt(0) === this.#near.timeAt(count - 1)) return;
    this.#strained(this.size > CROWDED * this.#bucketCount ? Number.POSITIVE_INFINITY : count * FULL_BUCKET);
  }

  #sort(slots: Int32Array): Int32Array {
    const records = this.#records;
    return slots.sort((a, b) => records.timeMs(a) - records.timeMs(b) || records.sequence(a) - records.sequence(b));
  }

  /** Notes work that a better calendar would save; lays one out when that pays. */
  #strained(moves: number): void {
    this.#strain += moves;
    if (this.#strain > LAYOUT_MOVES * this.size) this.#refine();
  }

  /** A calendar that starts at the first event of `near`, with buckets for events as dense as there. */
  #refine(): void {
    this.#strain = 0;
    const gap = this.#gapInNear();
    const isBetter = gap * this.#bucketsPerMs < 0.5 || this.size > CROWDED * this.#bucketCount;
    if (gap > 0 && isBetter) this.#layOut(this.#drain(), gap);
  }

  /** Mean time between the events of `near`: of the first third, where all of that are not at one time. */
  #gapInNear(): number {
    const count = this.#near.length;
    const first = this.#near.timeAt(0);
    for (const end of [Math.floor(count / 3), Math.floor((2 * count) / 3), count - 1]) {
      const gap = (this.#near.timeAt(end) - first) / end;
      if (gap > 0) return usefulGap(gap, first);
    }
    return 0;
  }

  /** The buckets are used up: the next calendar. */
  #turnCalendar(): void {
    const slots = this.#farSlots.slice(0, this.#farCount);
    this.#farCount = 0;
    let first = Number.POSITIVE_INFINITY;
    for (const slot of slots) first = Math.min(first, this.#records.timeMs(slot));
    this.#layOut(slots, (first - this.#originMs) / this.#entered);
  }

  /** Takes everything out: what is near in order, the rest in none. */
  #drain(): Int32Array {
    const slots = new Int32Array(this.size);
    let count = 0;
    for (let i = 0; i < this.#near.length; i++) slots[count++] = this.#near.slotAt(i);
    for (let i = 0; i < this.#farCount; i++) slots[count++] = this.#farSlots[i] ?? 0;
    for (let bucket = this.#cursor; this.#inBuckets > 0 && bucket < this.#bucketCount; bucket++) {
      for (let slot = this.#heads[bucket] ?? NONE; slot !== NONE; slot = this.#records.next(slot)) {
        slots[count++] = slot;
      }
    }
    this.#near.clear();
    this.#farCount = 0;
    this.#inBuckets = 0;
    return slots;
  }

  /** Lays a calendar over `slots`, which are not in the queue, for events `gapMs` apart; few are just sorted. */
  #layOut(slots: Int32Array, gapMs: number): void {
    if (slots.length <= FEW) {
      this.#forgetCalendar();
      this.#near.replace(this.#sort(slots));
      return;
    }
    const count = 1 << Math.min(LOG_MOST_BUCKETS, 32 - Math.clz32(slots.length * BUCKETS_PER_EVENT - 1));
    if (this.#heads.length !== count) {
      this.#heads = new Int32Array(count);
      this.#occupied = new Int32Array(count >> 5);
    }
    this.#heads.fill(NONE);
    this.#occupied.fill(0);
    let first = Number.POSITIVE_INFINITY;
    for (const slot of slots) first = Math.min(first, this.#records.timeMs(slot));
    this.#originMs = first;
    this.#bucketsPerMs = 1 / (GAPS_PER_BUCKET * usefulGap(gapMs, first));
    this.#cursor = 0;
    this.#bucketCount = count;
    this.#entered = 0;
    this.#strain = 0;
    for (const slot of slots) {
      const position = (this.#records.timeMs(slot) - first) * this.#bucketsPerMs;
      if (position < count) this.#link(slot, position | 0);
      else this.#pushFar(slot);
    }
    if (this.#near.length === 0) this.#takeBucket(0);
  }

  #forgetCalendar(): void {
    this.#originMs = 0;
    this.#bucketsPerMs = 0;
    this.#cursor = 1;
    this.#bucketCount = 1;
    this.#entered = 0;
    this.#strain = 0;
  }
}

/** Buckets narrower than the steps between doubles would be of no use. */
function usefulGap(gapMs: number, atMs: number): number {
  return Math.max(gapMs, atMs * RESOLUTION, SMALLEST_GAP);
}

const NONE = -1;
/** So few events are best kept in one sorted run. */
const FEW = 24;
/** Inserting into `near` by moving up to so many entries is as cheap as using a bucket. */
const EASY_MOVES = 24;
/** A bucket with more events is sorted by a general sort. */
const FULL_BUCKET = 64;
/** With so many events per bucket the calendar is laid out anew at once. */
const CROWDED = 4;
/** Laying out costs about so many moves for each event. */
const LAYOUT_MOVES = 32;
/** Measured: 1 to 2 of either are within a few per cent of each other from 100 to a million events. */
const GAPS_PER_BUCKET = 2;
const BUCKETS_PER_EVENT = 2;
const LOG_MOST_BUCKETS = 24;
const RESOLUTION = 2.220446049250313e-16;
const SMALLEST_GAP = 1e-280;
