import { performance } from 'node:perf_hooks';
import type { Clock, TimerHandler, TimerId, Timers } from '../host.ts';
import type { Lifeline } from './lifeline.ts';

/** The machine's clocks. */
export class LiveClock implements Clock {
  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }
}

/** The longest delay that setTimeout takes; longer ones are waited for in steps. */
const LONGEST_STEP_MS = 2_147_483_647;

/** Timers on the event loop. They never fire early: setTimeout may, by up to a millisecond. */
export class LiveTimers implements Timers {
  readonly #lifeline: Lifeline;
  readonly #clock: Clock;
  readonly #pending = new Map<TimerId, NodeJS.Timeout>();
  #lastId = 0;

  constructor(lifeline: Lifeline, clock: Clock) {
    this.#lifeline = lifeline;
    this.#clock = clock;
  }

  after(delayMs: number, handler: TimerHandler, tag: number): TimerId {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`delayMs must be a finite number of at least 0, found ${delayMs}`);
    }
    if (this.#lifeline.ended) return 0;
    const id = ++this.#lastId;
    this.#wait(id, this.#clock.nowMs() + delayMs, handler, tag);
    return id;
  }

  cancel(timer: TimerId): void {
    clearTimeout(this.#pending.get(timer));
    this.#pending.delete(timer);
  }

  /** Cancels them all. */
  close(): void {
    for (const timeout of this.#pending.values()) clearTimeout(timeout);
    this.#pending.clear();
  }

  #wait(id: TimerId, dueMs: number, handler: TimerHandler, tag: number): void {
    const leftMs = Math.min(Math.max(0, Math.ceil(dueMs - this.#clock.nowMs())), LONGEST_STEP_MS);
    const timeout = setTimeout(() => {
      if (this.#clock.nowMs() < dueMs) {
        this.#wait(id, dueMs, handler, tag);
        return;
      }
      this.#pending.delete(id);
      handler.onTimer(tag);
    }, leftMs);
    this.#pending.set(id, timeout);
  }
}
