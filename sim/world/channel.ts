/** A channel that carries one transfer at a time, first come first served, and knows how long it has been busy. */
export class Channel {
  #busySinceMs = 0;
  #freeMs = 0;
  /** Of the busy periods before the last one. */
  #earlierBusyMs = 0;

  /** Queues a transfer behind those that came before; returns when it will have ended. */
  take(nowMs: number, transferMs: number): number {
    if (this.#freeMs < nowMs) {
      this.#earlierBusyMs += this.#freeMs - this.#busySinceMs;
      this.#busySinceMs = nowMs;
      this.#freeMs = nowMs;
    }
    this.#freeMs += transferMs;
    return this.#freeMs;
  }

  /** Drops the transfers that have not ended. */
  clear(nowMs: number): void {
    this.#freeMs = Math.min(this.#freeMs, nowMs);
  }

  /** The time up to now in which it transferred, in ms: starts at 0 and only grows. */
  busyMs(nowMs: number): number {
    return this.#earlierBusyMs + Math.min(nowMs, this.#freeMs) - this.#busySinceMs;
  }
}
