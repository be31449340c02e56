import type { EventHandler } from '../kernel/kernel.ts';

interface Deferred {
  readonly handler: EventHandler;
  readonly op: number;
}

/**
 * Holds back what reaches a stopped process (SIGSTOP, a long garbage collection, a frozen virtual machine): arrivals,
 * timers and completions wait, in order, until it goes on. Nothing is lost and the process never notices but by its clock.
 */
export class PauseGate {
  /** True while the process is stopped. */
  closed = false;
  #deferred: (Deferred | undefined)[] = [];
  #head = 0;
  #beforeMs = 0;
  #closedAtMs = 0;

  close(nowMs: number): void {
    this.closed = true;
    this.#closedAtMs = nowMs;
  }

  /** Keeps `handler.onEvent(op)` for the moment the gate opens. */
  defer(handler: EventHandler, op: number): void {
    this.#deferred.push({ handler, op });
  }

  /** Takes back what `handler` has waiting: a timer that was due while stopped and is cancelled before it is let through. */
  discard(matches: (handler: EventHandler) => boolean): void {
    for (let i = this.#head; i < this.#deferred.length; i++) {
      const deferred = this.#deferred[i];
      if (deferred !== undefined && matches(deferred.handler)) this.#deferred[i] = undefined;
    }
  }

  /** Time spent stopped so far. */
  pausedMs(nowMs: number): number {
    return this.closed ? this.#beforeMs + (nowMs - this.#closedAtMs) : this.#beforeMs;
  }

  /** How much waits now. */
  get waiting(): number {
    return this.#deferred.length - this.#head;
  }

  /** Opens the gate and lets through all that waited, in order; stops early if a handler closes it again. */
  open(nowMs: number): void {
    this.#beforeMs = this.pausedMs(nowMs);
    this.closed = false;
    while (this.#head < this.#deferred.length && !this.closed) {
      const next = this.#deferred[this.#head++];
      next?.handler.onEvent(next.op, undefined);
    }
    if (this.#head === this.#deferred.length) {
      this.#deferred = [];
      this.#head = 0;
    }
  }
}
