/** What a {@link LoadGauge} has seen up to one moment. Integrals start at 0 and only grow: take differences over a bucket. */
export interface LoadReading {
  /** Jobs that can be in service at once. */
  readonly servers: number;
  /** Integral of the jobs in service: divide by `servers` × elapsed for the utilisation. */
  readonly busyMs: number;
  /** Time with at least one job in service. */
  readonly activeMs: number;
  /** Jobs waiting or in service now. */
  readonly queue: number;
  /** Integral of the jobs waiting or in service: divide by elapsed for the mean queue. */
  readonly queueMs: number;
  /** Most jobs waiting or in service since the last {@link LoadGauge.resetPeak}. */
  readonly queueMax: number;
  /** Jobs that have left, served. */
  readonly completed: number;
}

/** Integrates the load of a queue with one or more servers over time, exactly, at a few additions per job. */
export class LoadGauge {
  readonly servers: number;
  #inService = 0;
  #inSystem = 0;
  #sinceMs = 0;
  #busyMs = 0;
  #activeMs = 0;
  #queueMs = 0;
  #queueMax = 0;
  #completed = 0;

  constructor(servers: number) {
    this.servers = servers;
  }

  /** A job arrived; it is not in service yet. */
  arrive(nowMs: number): void {
    this.#advance(nowMs);
    this.#inSystem++;
    if (this.#inSystem > this.#queueMax) this.#queueMax = this.#inSystem;
  }

  /** A waiting job is taken into service. */
  begin(nowMs: number): void {
    this.#advance(nowMs);
    this.#inService++;
  }

  /** A job in service has left. */
  complete(nowMs: number): void {
    this.#advance(nowMs);
    this.#inService--;
    this.#inSystem--;
    this.#completed++;
  }

  /** Everybody is gone: the process ended. */
  empty(nowMs: number): void {
    this.#advance(nowMs);
    this.#inService = 0;
    this.#inSystem = 0;
  }

  read(nowMs: number): LoadReading {
    this.#advance(nowMs);
    return {
      servers: this.servers,
      busyMs: this.#busyMs,
      activeMs: this.#activeMs,
      queue: this.#inSystem,
      queueMs: this.#queueMs,
      queueMax: this.#queueMax,
      completed: this.#completed,
    };
  }

  /** Starts a new interval for `queueMax`. */
  resetPeak(): void {
    this.#queueMax = this.#inSystem;
  }

  #advance(nowMs: number): void {
    const elapsedMs = nowMs - this.#sinceMs;
    if (elapsedMs > 0) {
      this.#busyMs += elapsedMs * this.#inService;
      this.#queueMs += elapsedMs * this.#inSystem;
      if (this.#inService > 0) this.#activeMs += elapsedMs;
    }
    this.#sinceMs = nowMs;
  }
}
