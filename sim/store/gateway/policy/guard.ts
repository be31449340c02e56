import type { Clock, Host, Timers } from '../../../host.ts';
import type { StoreEvent } from '../../events.ts';
import type { PassiveHealth } from '../../passive-health.ts';
import { type BackendPool, CIRCUIT_OPEN, type PooledBackend } from '../backend-pool.ts';
import type { Route } from '../director.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Verdict } from '../traffic-window.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { PolicySettings } from './config.ts';
import { OutlierEjection } from './outlier-ejection.ts';
import type { BackendPolicy, PolicyContext } from './policy.ts';
import { Selection } from './selection.ts';
import { SlowStart } from './slow-start.ts';

/** Which of a write's targets are to be left out, by position; or why it can't be sent. */
export type WriteAdmission = 'all' | 'overloaded' | readonly boolean[];

/**
 * Stands between the director and any balancer: the policies that the settings name, and what follows from their
 * judgements. With none of them on, a pick costs a look at two numbers a replica.
 */
export class BackendGuard implements PolicyContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: GatewayMetrics;
  readonly selection: Selection;
  readonly #host: Host;
  readonly #pool: BackendPool;
  readonly #policies: readonly BackendPolicy[];
  readonly #panicShare: number;
  readonly #isLimited: boolean;

  constructor(
    host: Host,
    pool: BackendPool,
    health: PassiveHealth<PooledBackend>,
    metrics: GatewayMetrics,
    settings: PolicySettings,
  ) {
    this.clock = host.clock;
    this.timers = host.timers;
    this.#host = host;
    this.metrics = metrics;
    this.#pool = pool;
    this.selection = new Selection(health, settings.backendLimits);
    this.#panicShare = settings.panicShare;
    this.#isLimited = settings.backendLimits !== undefined;
    const { outlierEjection, circuitBreaker, slowStart } = settings;
    const policies: BackendPolicy[] = [];
    if (circuitBreaker !== undefined) policies.push(new CircuitBreaker(this, circuitBreaker));
    if (outlierEjection !== undefined) policies.push(new OutlierEjection(this, outlierEjection));
    if (slowStart !== undefined) policies.push(new SlowStart(this, slowStart));
    this.#policies = policies;
  }

  /** The pool has taken over a new map. */
  update(): void {
    for (const policy of this.#policies) policy.update(this.#pool.table);
    this.#judgePanic();
    this.#pool.reweigh();
  }

  sent(backend: PooledBackend): void {
    if (this.#policies.length === 0) return;
    for (const policy of this.#policies) policy.sent?.(backend);
  }

  ended(backend: PooledBackend, verdict: Verdict, sentMs: number): void {
    if (this.#policies.length === 0) return;
    for (const policy of this.#policies) policy.ended?.(backend, verdict, sentMs);
  }

  /**
   * Which targets a write is sent to. One with an open circuit is left out while a quorum remains without it, and sent to
   * where it is needed: a refusal would be certain, a failure is not. Ejection and doubt concern reads only; a replica that
   * misses a write costs a repair. A limit is never passed: the write is refused if no quorum remains.
   */
  admitWrite({ writers, voters }: Route, writeQuorum: number, retry: boolean): WriteAdmission {
    if (!this.#isLimited && writers.every(isClosed)) return 'all';
    const leftOut = writers.map((backend) => !this.selection.hasRoom(backend, retry));
    let spare = -writeQuorum;
    for (let position = 0; position < voters; position++) if (leftOut[position] === false) spare += 1;
    if (spare < 0) return 'overloaded';
    writers.forEach((backend, position) => {
      if (leftOut[position] === true || isClosed(backend)) return;
      const isVoter = position < voters;
      if (isVoter && spare === 0) return;
      leftOut[position] = true;
      if (isVoter) spare -= 1;
    });
    return leftOut;
  }

  bar(backend: PooledBackend, bit: number, policy: string, chose: string, why: string): void {
    backend.bars |= bit;
    this.decide(policy, backend.id, chose, why);
    this.#judgePanic();
  }

  lift(backend: PooledBackend, bit: number, policy: string, chose: string, why: string): void {
    backend.bars &= ~bit;
    this.decide(policy, backend.id, chose, why);
    this.#judgePanic();
    for (const each of this.#policies) each.returned?.(backend);
  }

  decide(policy: string, subject: string, chose: string, why: string): void {
    const event: StoreEvent = { kind: 'decision', by: `${this.#host.id}/${policy}`, subject, chose, why, rejected: [] };
    this.#host.trace.emit(event);
  }

  reweigh(): void {
    this.#pool.reweigh();
  }

  #judgePanic(): void {
    const { table } = this.#pool;
    if (this.#panicShare === 0 || table.length === 0) return;
    const sound = table.reduce((sum, { standing, bars }) => sum + (standing === 'sound' && bars === 0 ? 1 : 0), 0);
    const panic = sound < this.#panicShare * table.length;
    if (panic === this.selection.panic) return;
    this.selection.panic = panic;
    if (panic) this.metrics.panics += 1;
    this.decide('panic', 'data nodes', panic ? 'all' : 'sound', `${sound} of ${table.length} are sound`);
  }
}

function isClosed({ bars }: PooledBackend): boolean {
  return (bars & CIRCUIT_OPEN) === 0;
}
