import type { TimerHandler } from '../../../host.ts';
import type { PooledBackend, Standing } from '../backend-pool.ts';
import type { SlowStartConfig } from './config.ts';
import type { BackendPolicy, PolicyContext } from './policy.ts';

/** How many times the weight changes on its way. */
const STEPS = 20;

/**
 * A backend that joins, or comes back to data traffic, gets its weight little by little: its caches are cold, and all who
 * count open requests would send it everything at once. Only balancers that look at weights take notice.
 *
 * Source: Envoy's slow start: weight × max(minimum, (time ÷ window)^(1 ÷ aggression)).
 */
export class SlowStart implements BackendPolicy, TimerHandler {
  readonly name = 'slow-start';
  readonly #context: PolicyContext;
  readonly #config: SlowStartConfig;
  /** Standings by the last map; empty before the first, whose backends start together and need no ramp. */
  #standings = new Map<PooledBackend, Standing>();
  /** Since when those are starting that do. */
  readonly #starts = new Map<PooledBackend, number>();
  #ticking = false;

  constructor(context: PolicyContext, config: SlowStartConfig) {
    this.#context = context;
    this.#config = config;
  }

  update(table: readonly PooledBackend[]): void {
    const before = this.#standings;
    this.#standings = new Map(table.map((backend) => [backend, backend.standing]));
    for (const backend of [...this.#starts.keys()]) if (!this.#standings.has(backend)) this.#starts.delete(backend);
    if (before.size === 0) return;
    for (const backend of table)
      if (backend.standing === 'sound' && before.get(backend) !== 'sound') this.#start(backend, 'it has come up');
  }

  returned(backend: PooledBackend): void {
    this.#start(backend, 'it is no longer left out');
    this.#context.reweigh();
  }

  onTimer(): void {
    this.#ticking = false;
    const nowMs = this.#context.clock.nowMs();
    for (const [backend, startMs] of [...this.#starts]) {
      backend.ramp = rampOf(nowMs - startMs, this.#config);
      if (backend.ramp === 1) this.#starts.delete(backend);
    }
    this.#context.reweigh();
    this.#tick();
  }

  #start(backend: PooledBackend, why: string): void {
    backend.ramp = rampOf(0, this.#config);
    this.#starts.set(backend, this.#context.clock.nowMs());
    this.#context.decide(this.name, backend.id, 'slow-start', `${why}: full weight in ${this.#config.windowMs} ms`);
    this.#tick();
  }

  #tick(): void {
    if (this.#ticking || this.#starts.size === 0) return;
    this.#ticking = true;
    this.#context.timers.after(this.#config.windowMs / STEPS, this, 0);
  }
}

/** Share of its weight that a backend has `elapsedMs` after its start: 1 from the end of the window on. */
export function rampOf(elapsedMs: number, { windowMs, aggression, minWeightShare }: SlowStartConfig): number {
  if (elapsedMs >= windowMs) return 1;
  const share = elapsedMs <= 0 ? 0 : Math.exp(Math.log(elapsedMs / windowMs) / aggression);
  return Math.max(minWeightShare, share);
}
