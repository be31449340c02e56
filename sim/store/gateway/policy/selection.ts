import type { PassiveHealth } from '../../passive-health.ts';
import { CIRCUIT_OPEN, type PooledBackend } from '../backend-pool.ts';
import type { Route } from '../director.ts';
import type { BackendLimitsConfig } from './config.ts';

const NOBODY: readonly PooledBackend[] = [];

/**
 * Which replicas a balancer may pick from now. In this order, the first that leaves any: sound ones that nothing speaks
 * against; doubtful ones (suspect, gray) likewise; then those that were ejected or have just failed, since a read is worth
 * a try; then those that are down. Never one whose circuit is open or that is at a limit: the read is refused instead.
 *
 * In panic all replicas are eligible but those at a limit. Source: Envoy's panic threshold: when most look unsound, what
 * judges them is more likely wrong than they are, and the few that are left would drown.
 */
export class Selection {
  panic = false;
  readonly #health: PassiveHealth<PooledBackend>;
  readonly #limits: BackendLimitsConfig | undefined;
  /** Used again for each selection: no pick allocates. */
  readonly #kept: PooledBackend[] = [];

  constructor(health: PassiveHealth<PooledBackend>, limits: BackendLimitsConfig | undefined) {
    this.#health = health;
    this.#limits = limits;
  }

  /**
   * The replicas that may be picked, in map order; none if all were tried or must not be asked. Holds until the next call.
   *
   * @param tried - Those that this read has tried by the present map.
   */
  eligible(route: Route, tried: readonly PooledBackend[] | undefined, nowMs: number): readonly PooledBackend[] {
    const { sound } = route;
    if (tried !== undefined || this.panic || this.#limits !== undefined) return this.#sift(route, tried, nowMs);
    for (const { fails, bars } of sound) if ((fails | bars) !== 0) return this.#sift(route, tried, nowMs);
    return sound.length > 0 ? sound : this.#sift(route, tried, nowMs);
  }

  /** Whether a backend may take another request, whatever its health. */
  hasRoom(backend: PooledBackend, retry: boolean): boolean {
    const limits = this.#limits;
    if (limits === undefined) return true;
    return backend.inFlight < limits.maxRequests && !(retry && backend.retriesInFlight >= limits.maxRetries);
  }

  #sift(route: Route, tried: readonly PooledBackend[] | undefined, nowMs: number): readonly PooledBackend[] {
    const kept = this.#kept;
    kept.length = 0;
    if (this.panic) return this.#keepOpen(route.replicas, tried, true) ? kept : NOBODY;
    if (this.#keepClear(route.sound, tried, nowMs) || this.#keepClear(route.doubtful, tried, nowMs)) return kept;
    if (this.#keepOpen(route.sound, tried, false) || this.#keepOpen(route.doubtful, tried, false)) return kept;
    return this.#keepOpen(route.down, tried, false) ? kept : NOBODY;
  }

  /** Keeps those that nothing speaks against. */
  #keepClear(backends: readonly PooledBackend[], tried: readonly PooledBackend[] | undefined, nowMs: number): boolean {
    for (const backend of backends)
      if (backend.bars === 0 && !this.#health.isOut(backend, nowMs) && this.#isFree(backend, tried))
        this.#kept.push(backend);
    return this.#kept.length > 0;
  }

  /** Keeps those that may be asked at all. */
  #keepOpen(
    backends: readonly PooledBackend[],
    tried: readonly PooledBackend[] | undefined,
    whateverCircuit: boolean,
  ): boolean {
    for (const backend of backends)
      if ((whateverCircuit || (backend.bars & CIRCUIT_OPEN) === 0) && this.#isFree(backend, tried))
        this.#kept.push(backend);
    return this.#kept.length > 0;
  }

  #isFree(backend: PooledBackend, tried: readonly PooledBackend[] | undefined): boolean {
    return tried?.includes(backend) !== true && this.hasRoom(backend, tried !== undefined);
  }
}
