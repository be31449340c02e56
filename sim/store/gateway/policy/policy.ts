import type { Clock, Timers } from '../../../host.ts';
import type { PooledBackend } from '../backend-pool.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Verdict } from '../traffic-window.ts';

/**
 * Judges backends by what this gateway's own requests show, whatever the balancer: it may bar a backend (a bit in
 * `bars`), or lower the weight that balancers see (`ramp`). So it composes with any balancer, which is given only the
 * backends that are left. One instance a gateway.
 */
export interface BackendPolicy {
  readonly name: string;
  /** The table changed: all backends of the new one. What it lacks has left, and may still have requests that end. */
  update(table: readonly PooledBackend[]): void;
  /** A request is about to be sent. */
  sent?(backend: PooledBackend): void;
  /** A request that was sent at `sentMs` ended. */
  ended?(backend: PooledBackend, verdict: Verdict, sentMs: number): void;
  /** A policy has lifted its bar: data traffic comes back to this backend. */
  returned?(backend: PooledBackend): void;
}

/** What a policy may use of its gateway. */
export interface PolicyContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: GatewayMetrics;
  /** Bars or lifts a bar, tells the trace why, and counts anew how many backends are sound. */
  bar(backend: PooledBackend, bit: number, policy: string, chose: string, why: string): void;
  lift(backend: PooledBackend, bit: number, policy: string, chose: string, why: string): void;
  /** Tells the trace of a change that bars nobody. */
  decide(policy: string, subject: string, chose: string, why: string): void;
  /** The ramps have changed. */
  reweigh(): void;
}
