import type { Host, TimerHandler, TimerId } from '../../host.ts';

/** Upkeep that waits for its turn. */
export interface TurnHandler {
  onTurn(): void;
}

/** How busy the node is with requests. */
export interface Workload {
  /** Requests that were not answered yet. */
  readonly inFlight: number;
}

/** Settings of an {@link UpkeepPace}. */
export interface PaceLimits {
  readonly bytesPerSecond: number;
  /** Requests in progress beyond which upkeep waits. */
  readonly yieldAboveInFlight: number;
  /** How long one step may be put off by requests: under constant load upkeep goes slowly, but it goes. */
  readonly patienceMs: number;
}

/** Time between two looks at whether the requests have become fewer. */
const YIELD_MS = 5;

/**
 * Keeps work on the disk that nobody waits for out of the way of requests: no faster than its rate, and step by step,
 * each only when few requests are in progress, or when they have put it off for long enough.
 */
export class UpkeepPace implements TimerHandler {
  readonly #host: Host;
  readonly #workload: Workload;
  readonly #limits: PaceLimits;
  #paidUntilMs = 0;
  #sinceMs = 0;
  #timer: TimerId = 0;
  #waiter: TurnHandler | undefined;

  constructor(host: Host, workload: Workload, limits: PaceLimits) {
    this.#host = host;
    this.#workload = workload;
    this.#limits = limits;
  }

  /** Tells `waiter` when it may take a step: perhaps before this returns. One waits at a time. */
  awaitTurn(waiter: TurnHandler): void {
    this.#waiter = waiter;
    this.#sinceMs = Math.max(this.#host.clock.nowMs(), this.#paidUntilMs);
    this.#look();
  }

  /** A step moves so many bytes: the next one waits until the rate allows it. */
  pay(bytes: number): void {
    const nowMs = this.#host.clock.nowMs();
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + (1000 * bytes) / this.#limits.bytesPerSecond;
  }

  /** Whoever waits does so no longer. */
  cancel(): void {
    this.#host.timers.cancel(this.#timer);
    this.#waiter = undefined;
  }

  onTimer(): void {
    this.#look();
  }

  #look(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    const nowMs = this.#host.clock.nowMs();
    const { yieldAboveInFlight, patienceMs } = this.#limits;
    const yields = this.#workload.inFlight > yieldAboveInFlight && nowMs - this.#sinceMs < patienceMs;
    const waitMs = nowMs < this.#paidUntilMs ? this.#paidUntilMs - nowMs : yields ? YIELD_MS : 0;
    if (waitMs > 0) {
      this.#timer = this.#host.timers.after(waitMs, this, 0);
      return;
    }
    this.#waiter = undefined;
    waiter.onTurn();
  }
}
