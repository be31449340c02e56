import type { TimerHandler, TimerId } from '../../../host.ts';
import { CIRCUIT_OPEN, type PooledBackend } from '../backend-pool.ts';
import type { Verdict } from '../traffic-window.ts';
import { CallWindow } from './call-window.ts';
import type { CircuitBreakerConfig } from './config.ts';
import type { PolicyContext } from './policy.ts';

const POLICY = 'circuit-breaker';

/** The circuit to one backend. */
export class Circuit implements TimerHandler {
  readonly #context: PolicyContext;
  readonly #config: CircuitBreakerConfig;
  readonly #backend: PooledBackend;
  readonly #window: CallWindow;
  #state: 'closed' | 'open' | 'half-open' = 'closed';
  #faultsInARow = 0;
  /** Since when calls tell of the present state: what was sent before says nothing of it. */
  #sinceMs = 0;
  /** Probes that may still be sent, and those that came back well. */
  #permits = 0;
  #probed = 0;
  #timer: TimerId = 0;

  constructor(context: PolicyContext, config: CircuitBreakerConfig, backend: PooledBackend) {
    this.#context = context;
    this.#config = config;
    this.#backend = backend;
    this.#window = new CallWindow(config.windowCalls);
  }

  /** A call is sent through this circuit, which lets it pass. */
  sent(): void {
    if (this.#state !== 'half-open') return;
    this.#permits -= 1;
    // Nobody is told: the backend is still on trial.
    if (this.#permits === 0) this.#backend.bars |= CIRCUIT_OPEN;
  }

  ended(verdict: Verdict, sentMs: number): void {
    if (this.#state === 'open' || sentMs < this.#sinceMs) return;
    if (this.#state === 'half-open') this.#judgeProbe(verdict);
    else if (verdict !== 'nothing') this.#judgeCall(verdict === 'fault');
  }

  /** The pause is over. */
  onTimer(): void {
    this.#state = 'half-open';
    this.#sinceMs = this.#context.clock.nowMs();
    this.#permits = this.#config.probes;
    this.#probed = 0;
    this.#context.lift(this.#backend, CIRCUIT_OPEN, POLICY, 'half-open', `${this.#config.openMs} ms are over`);
  }

  /** The backend has left. */
  forget(): void {
    this.#context.timers.cancel(this.#timer);
  }

  #judgeCall(fault: boolean): void {
    const { consecutiveFaults, failureShare, minimumCalls } = this.#config;
    this.#window.add(fault);
    this.#faultsInARow = fault ? this.#faultsInARow + 1 : 0;
    if (!fault) return;
    const { calls, faults } = this.#window;
    if (consecutiveFaults > 0 && this.#faultsInARow >= consecutiveFaults)
      this.#open(`${this.#faultsInARow} faults in a row`);
    else if (calls >= minimumCalls && faults > failureShare * calls)
      this.#open(`${faults} of the last ${calls} calls failed`);
  }

  #judgeProbe(verdict: Verdict): void {
    if (verdict === 'fault') this.#open('a probe failed');
    else if (verdict === 'nothing') {
      this.#permits = Math.min(this.#config.probes, this.#permits + 1);
      this.#backend.bars &= ~CIRCUIT_OPEN;
    } else {
      this.#probed += 1;
      if (this.#probed >= this.#config.probes) this.#close();
    }
  }

  #open(why: string): void {
    this.#state = 'open';
    this.#window.clear();
    this.#faultsInARow = 0;
    this.#timer = this.#context.timers.after(this.#config.openMs, this, 0);
    this.#context.metrics.circuitsOpened += 1;
    this.#context.bar(this.#backend, CIRCUIT_OPEN, POLICY, 'open', why);
  }

  #close(): void {
    this.#state = 'closed';
    this.#sinceMs = this.#context.clock.nowMs();
    this.#context.lift(this.#backend, CIRCUIT_OPEN, POLICY, 'close', `${this.#probed} probes came back well`);
  }
}
