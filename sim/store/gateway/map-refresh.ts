import type { TimerHandler, TimerId } from '../../host.ts';
import type { GatewayCore } from './gateway-core.ts';

/** A request that went by a map which turned out to be old. Exactly one of the two is called, once, unless the wait is cancelled. */
export interface MapAwaiter {
  /** The gateway goes by a newer map now. */
  onNewerMap(): void;
  /** None came in time. */
  onNoMap(): void;
}

/** One request's wait for a newer map. However many wait, the map is fetched once: the gateway's cache sees to it. */
export class MapRefresh implements TimerHandler {
  readonly #gateway: GatewayCore;
  readonly #epoch: number;
  readonly #limitMs: number;
  readonly #awaiter: MapAwaiter;
  #timer: TimerId = 0;

  /**
   * Waits until the gateway's map is of `epoch` or newer, for a caller that waits another `remainingMs`: at most half of
   * that, so that there is time left to do what is waited for, or for the caller to hear that it can't be done.
   */
  constructor(gateway: GatewayCore, epoch: number, remainingMs: number, awaiter: MapAwaiter) {
    this.#gateway = gateway;
    this.#epoch = epoch;
    this.#limitMs = Math.min(gateway.config.metadataTimeoutMs, Math.max(0, remainingMs) / 2);
    this.#awaiter = awaiter;
  }

  /** Begins. The awaiter is told at once if the map has come already. */
  start(): void {
    if (this.#gateway.epoch >= this.#epoch) {
      this.#awaiter.onNewerMap();
      return;
    }
    this.#timer = this.#gateway.host.timers.after(this.#limitMs, this, 0);
    this.#gateway.refreshes.add(this);
  }

  /** A newer map has come, though perhaps not new enough. */
  onMap(): void {
    if (this.#gateway.epoch < this.#epoch) return;
    this.cancel();
    this.#awaiter.onNewerMap();
  }

  onTimer(): void {
    this.cancel();
    this.#awaiter.onNoMap();
  }

  cancel(): void {
    this.#gateway.refreshes.delete(this);
    this.#gateway.host.timers.cancel(this.#timer);
  }
}
