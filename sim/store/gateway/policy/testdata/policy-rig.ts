import type { TimerHandler, TimerId } from '../../../../host.ts';
import type { MapNode } from '../../../model.ts';
import { PooledBackend } from '../../backend-pool.ts';
import { GatewayMetrics } from '../../metrics.ts';
import type { Verdict } from '../../traffic-window.ts';
import type { BackendPolicy, PolicyContext } from '../policy.ts';

interface PendingTimer {
  readonly id: TimerId;
  readonly atMs: number;
  readonly handler: TimerHandler;
  readonly tag: number;
}

/** A policy alone with a table of backends, on a clock that is moved by hand. */
export class PolicyRig implements PolicyContext {
  readonly metrics = new GatewayMetrics();
  readonly backends: readonly PooledBackend[];
  /** What was decided: `<policy> <subject> <chose>`. */
  readonly decisions: string[] = [];
  reweighs = 0;
  nowMs = 0;
  readonly clock = { nowMs: () => this.nowMs, wallMs: () => this.nowMs };
  readonly timers = {
    after: (delayMs: number, handler: TimerHandler, tag: number): TimerId => {
      const id = ++this.#lastTimer;
      this.#pending.push({ id, atMs: this.nowMs + delayMs, handler, tag });
      return id;
    },
    cancel: (timer: TimerId): void => {
      this.#pending = this.#pending.filter(({ id }) => id !== timer);
    },
  };
  readonly #policies: BackendPolicy[] = [];
  #pending: PendingTimer[] = [];
  #lastTimer = 0;

  constructor(count: number) {
    this.backends = Array.from({ length: count }, (_, i) => new PooledBackend(nodeOf(`data-${i + 1}`)));
    this.backends.forEach((backend, index) => {
      backend.index = index;
    });
  }

  /** Puts a policy to work. */
  start<Policy extends BackendPolicy>(policy: Policy): Policy {
    this.#policies.push(policy);
    policy.update(this.backends);
    return policy;
  }

  backend(number: number): PooledBackend {
    const backend = this.backends[number - 1];
    if (backend === undefined) throw new Error(`there is no data-${number}`);
    return backend;
  }

  /** Sends a request to a backend and ends it at once. */
  play(number: number, ...verdicts: readonly Verdict[]): void {
    const backend = this.backend(number);
    for (const verdict of verdicts) {
      for (const policy of this.#policies) policy.sent?.(backend);
      for (const policy of this.#policies) policy.ended?.(backend, verdict, this.nowMs);
    }
  }

  run(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#pending].sort((a, b) => a.atMs - b.atMs || a.id - b.id);
      if (next === undefined || next.atMs > endMs) break;
      this.timers.cancel(next.id);
      this.nowMs = next.atMs;
      next.handler.onTimer(next.tag);
    }
    this.nowMs = endMs;
  }

  bar(backend: PooledBackend, bit: number, policy: string, chose: string): void {
    backend.bars |= bit;
    this.decide(policy, backend.id, chose);
  }

  lift(backend: PooledBackend, bit: number, policy: string, chose: string): void {
    backend.bars &= ~bit;
    this.decide(policy, backend.id, chose);
    for (const each of this.#policies) each.returned?.(backend);
  }

  decide(policy: string, subject: string, chose: string): void {
    this.decisions.push(`${policy} ${subject} ${chose}`);
  }

  reweigh(): void {
    this.reweighs += 1;
  }
}

export function nodeOf(id: string): MapNode {
  return {
    id,
    zone: 'a',
    rack: '1',
    host: id,
    weight: 1,
    liveness: 'up',
    membership: 'active',
    gray: false,
    fullness: 'ok',
  };
}
