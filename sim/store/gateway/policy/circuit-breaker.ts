import { CIRCUIT_OPEN, type PooledBackend } from '../backend-pool.ts';
import type { Verdict } from '../traffic-window.ts';
import { Circuit } from './circuit.ts';
import type { CircuitBreakerConfig } from './config.ts';
import type { BackendPolicy, PolicyContext } from './policy.ts';

/**
 * One circuit a backend: closed while it answers; open after faults in a row, or when their share among the last calls is
 * beyond a limit, and then nothing is sent there; half-open after a pause, when a few probes show whether it is back.
 *
 * Sources: M. Nygard, "Release It!", chapter "Stability patterns"; Resilience4j's CircuitBreaker for the count-based window
 * with a least number of calls and the permitted calls in half-open.
 */
export class CircuitBreaker implements BackendPolicy {
  readonly name = 'circuit-breaker';
  readonly #context: PolicyContext;
  readonly #config: CircuitBreakerConfig;
  #circuits = new Map<PooledBackend, Circuit>();

  constructor(context: PolicyContext, config: CircuitBreakerConfig) {
    this.#context = context;
    this.#config = config;
  }

  update(table: readonly PooledBackend[]): void {
    const before = this.#circuits;
    this.#circuits = new Map(
      table.map((backend) => [backend, before.get(backend) ?? new Circuit(this.#context, this.#config, backend)]),
    );
    for (const [backend, circuit] of before) if (!this.#circuits.has(backend)) circuit.forget();
  }

  sent(backend: PooledBackend): void {
    // A write that needs this backend for its quorum is sent though the circuit is open: it is no probe.
    if ((backend.bars & CIRCUIT_OPEN) === 0) this.#circuits.get(backend)?.sent();
  }

  ended(backend: PooledBackend, verdict: Verdict, sentMs: number): void {
    this.#circuits.get(backend)?.ended(verdict, sentMs);
  }
}
