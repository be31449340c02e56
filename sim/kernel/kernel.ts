import { Digest } from './digest.ts';
import type { DrawLog } from './draw-log.ts';
import type { EventHandler, EventId } from './event.ts';
import { EventQueue } from './event-queue.ts';
import { EventRecords } from './event-records.ts';
import { type RandomStream, SeededStream } from './random-stream.ts';
import { TIMEOUT_QUEUES, TimeoutQueues } from './timeout-queues.ts';

export type { EventHandler, EventId } from './event.ts';
export type { RandomStream } from './random-stream.ts';

/** Watches a run at fixed intervals of virtual time. It may read anything, but not schedule, cancel or draw. */
export interface KernelObserver {
  /** Ticks fall on whole multiples of it, in ms. */
  readonly everyMs: number;
  /** Called with all events before `nowMs` done, and none at or after it. */
  onTick(nowMs: number): void;
}

/** What became of all events of a run so far: scheduled = fired + cancelled + pending, if none vanished. */
export interface EventCensus {
  readonly scheduled: number;
  readonly fired: number;
  readonly cancelled: number;
  /** Found by walking the queues, not by counting. */
  readonly pending: number;
}

const NONE = -1;
/** Up to so many cancelled events are not worth a sweep. */
const FEW_STALE = 64;

/**
 * A deterministic discrete-event simulator: virtual time, an event queue, random streams with names.
 *
 * Events run in order of time; events of one time in the order in which they were scheduled. Times are
 * milliseconds, fractions allowed.
 */
export class Kernel {
  /** The time, in ms. Written by the kernel only. */
  nowMs = 0;
  #fired = 0;
  #scheduled = 0;
  #cancelled = 0;
  #untilMs = 0;
  #running = false;

  readonly #seed: string;
  readonly #streams = new Map<string, SeededStream>();
  #drawLog: DrawLog | undefined;
  readonly #digest = new Digest();

  #observer: KernelObserver | undefined;
  #tick = 0;
  #nextTickMs = Number.POSITIVE_INFINITY;

  readonly #records = new EventRecords();
  readonly #queue = new EventQueue(this.#records);
  readonly #timeouts = new TimeoutQueues(this.#records, this.#queue);
  /** Cancelled events whose slots are still in the queue. */
  #stale = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Events that have run. */
  get eventCount(): number {
    return this.#fired;
  }

  /** Events scheduled that have neither run nor been cancelled. */
  get pendingCount(): number {
    return this.#scheduled - this.#fired - this.#cancelled;
  }

  /** Counts the events that pend one by one, for whoever audits the counters: {@link pendingCount} is their difference. */
  census(): EventCensus {
    const records = this.#records;
    let pending = this.#timeouts.count();
    for (const slot of this.#queue.slots()) {
      if (slot >= TIMEOUT_QUEUES && records.handler(slot) !== undefined) pending++;
    }
    return { scheduled: this.#scheduled, fired: this.#fired, cancelled: this.#cancelled, pending };
  }

  /**
   * Runs `handler.onEvent(op, arg)` after `delayMs`; 0 means after all events that are already due now.
   *
   * @throws RangeError if the delay is negative, NaN or infinite.
   */
  schedule(delayMs: number, handler: EventHandler, op: number, arg: unknown): EventId {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) refuseDelay(delayMs);
    const slot = this.#records.acquire(handler, op, arg);
    this.#records.place(slot, this.nowMs + delayMs, this.#scheduled++);
    this.#queue.push(slot);
    return this.#records.id(slot);
  }

  /**
   * Runs `handler.onEvent(op, arg)` at `timeMs`.
   *
   * @throws RangeError if the time has passed, is NaN or infinite.
   */
  scheduleAt(timeMs: number, handler: EventHandler, op: number, arg: unknown): EventId {
    if (!(timeMs >= this.nowMs && timeMs < Number.POSITIVE_INFINITY)) refuseTime(timeMs, this.nowMs);
    const slot = this.#records.acquire(handler, op, arg);
    // A sum, because -0 is a time other than 0 to the fingerprint.
    this.#records.place(slot, timeMs + 0, this.#scheduled++);
    this.#queue.push(slot);
    return this.#records.id(slot);
  }

  /**
   * Like {@link schedule}, order included, for timers that are nearly always cancelled: setting and
   * cancelling cost O(1) as long as not more than 16 distinct delays are in use.
   */
  timeout(delayMs: number, handler: EventHandler, op: number, arg: unknown): EventId {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) refuseDelay(delayMs);
    const list = this.#timeouts.listFor(delayMs);
    if (list === NONE) return this.schedule(delayMs, handler, op, arg);
    const slot = this.#records.acquire(handler, op, arg);
    this.#records.place(slot, this.nowMs + delayMs, this.#scheduled++);
    this.#timeouts.append(list, slot);
    return this.#records.id(slot);
  }

  /** Takes an event back; false if it has run, was cancelled, or never was. Handler and argument are let go at once. */
  cancel(id: EventId): boolean {
    const slot = this.#records.slotOf(id);
    if (slot === NONE) return false;
    this.#records.clear(slot);
    this.#cancelled++;
    if (this.#timeouts.remove(slot)) {
      this.#records.release(slot);
    } else if (++this.#stale > FEW_STALE && 2 * this.#stale > this.#queue.size) {
      this.#sweep();
    }
    return true;
  }

  /** The random stream of that name, seeded by the kernel's seed and the name. */
  stream(name: string): RandomStream {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream = new SeededStream(name, `${this.#seed}/${name}`);
    stream.log = this.#drawLog;
    this.#streams.set(name, stream);
    return stream;
  }

  /** Writes every later draw of every stream into `log`; `undefined` ends it. */
  traceDraws(log: DrawLog | undefined): void {
    this.#drawLog = log;
    for (const stream of this.#streams.values()) stream.log = log;
  }

  /** Runs all events up to and including `untilMs`, then sets the time to it (if finite), unless stopped. */
  run(untilMs: number): void {
    this.#loop(untilMs, undefined);
  }

  /**
   * Runs until `condition` holds, which is asked at once and after each event; gives up at `limitMs`.
   *
   * @returns whether it holds.
   */
  runUntil(condition: () => boolean, limitMs: number): boolean {
    if (condition()) return true;
    return this.#loop(limitMs, condition);
  }

  /** Ends {@link run} after the current event; the time stays that event's. */
  stop(): void {
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }

  /** Calls `observer.onTick` between events; it takes part in neither the order of events nor the fingerprint. */
  observe(observer: KernelObserver | undefined): void {
    this.#observer = observer;
    this.#nextTickMs = Number.POSITIVE_INFINITY;
    if (observer === undefined) return;
    if (!(observer.everyMs > 0 && observer.everyMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`everyMs must be finite and above 0, found ${observer.everyMs}`);
    }
    this.#tick = Math.ceil(this.nowMs / observer.everyMs);
    this.#nextTickMs = this.#tick * observer.everyMs;
  }

  /** Folds a value into the fingerprint. */
  mix(value: number): void {
    this.#digest.number(value);
  }

  /**
   * A digest of all that happened: time and op of every event run, values mixed in, draws and state of
   * every stream, counters. 16 hexadecimal digits, the same on any machine and Node version.
   */
  fingerprint(): string {
    const digest = this.#digest.fork();
    const names = [...this.#streams.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    for (const name of names) this.#streams.get(name)?.digestInto(digest);
    for (const value of [this.nowMs, this.#scheduled, this.#fired, this.#cancelled]) digest.number(value);
    return digest.hex();
  }

  /** Takes cancelled events out of the queue, so that they never outnumber the others. */
  #sweep(): void {
    const records = this.#records;
    this.#queue.sweep((slot) => {
      const isStale = slot >= TIMEOUT_QUEUES && records.handler(slot) === undefined;
      if (isStale) records.release(slot);
      return isStale;
    });
    this.#stale = 0;
  }

  /** Returns true when the condition came to hold. */
  #loop(untilMs: number, condition: (() => boolean) | undefined): boolean {
    if (this.#running) throw new Error('run was called from within an event');
    if (Number.isNaN(untilMs)) throw new RangeError(`the end of a run must be a time in ms, found ${untilMs}`);
    const queue = this.#queue;
    const records = this.#records;
    this.#untilMs = untilMs;
    this.#running = true;
    try {
      for (;;) {
        let slot = queue.popUntil(this.#untilMs);
        if (slot === NONE) break;
        if (slot < TIMEOUT_QUEUES) {
          slot = this.#timeouts.expire(slot);
          if (slot === NONE) continue;
        }
        const handler = records.handler(slot);
        if (handler === undefined) {
          records.release(slot);
          this.#stale--;
          continue;
        }
        const timeMs = records.timeMs(slot);
        if (timeMs >= this.#nextTickMs) this.#observeUntil(timeMs);
        const op = records.op(slot);
        const arg = records.arg(slot);
        records.clear(slot);
        records.release(slot);
        this.nowMs = timeMs;
        this.#fired++;
        this.#digest.event(records.timeLow(slot), records.timeHigh(slot), op);
        handler.onEvent(op, arg);
        if (condition?.()) return true;
      }
      if (this.#untilMs !== Number.NEGATIVE_INFINITY) {
        if (untilMs < Number.POSITIVE_INFINITY) {
          if (untilMs >= this.#nextTickMs) this.#observeUntil(untilMs);
          if (untilMs > this.nowMs) this.nowMs = untilMs;
        }
      }
      return false;
    } finally {
      this.#running = false;
    }
  }

  /** Makes up for the ticks at or before `timeMs`. */
  #observeUntil(timeMs: number): void {
    const observer = this.#observer;
    if (observer === undefined) return;
    while (this.#nextTickMs <= timeMs && this.#observer === observer) {
      this.nowMs = this.#nextTickMs;
      this.#tick++;
      this.#nextTickMs = this.#tick * observer.everyMs;
      const changes = this.#scheduled + this.#cancelled;
      observer.onTick(this.nowMs);
      if (this.#scheduled + this.#cancelled !== changes) {
        throw new Error('an observer scheduled or cancelled an event; it may only read');
      }
    }
  }
}

function refuseDelay(delayMs: number): never {
  throw new RangeError(`delayMs must be a finite number of at least 0, found ${delayMs}`);
}

function refuseTime(timeMs: number, nowMs: number): never {
  throw new RangeError(`timeMs must be a finite number of at least the current time ${nowMs}, found ${timeMs}`);
}
