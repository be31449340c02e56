import type { TimerHandler } from '../../../host.ts';
import { EJECTED, type PooledBackend } from '../backend-pool.ts';
import type { Verdict } from '../traffic-window.ts';
import type { OutlierEjectionConfig } from './config.ts';
import type { BackendPolicy, PolicyContext } from './policy.ts';
import { successRateThreshold } from './success-rate.ts';

/** What is remembered of one backend. */
interface History {
  readonly backend: PooledBackend;
  /** Of the current interval. */
  successes: number;
  faults: number;
  /** Without a success between them. */
  faultsInARow: number;
  ejectedMs: number;
  /** How many times the base time it is out; falls by one an interval while it is in. */
  multiplier: number;
}

const NAME = 'outlier-ejection';

/**
 * Takes a backend out of reads that fails more than its peers: at once after a number of faults in a row, or at the end of
 * an interval when its success rate is far below the mean of all, or its share of failures is beyond a limit. It stays out
 * for the base time multiplied by how often it was ejected lately, and never are more out than a share of the table: what
 * looks like many outliers is an overload, which ejection would make worse.
 *
 * Source: Envoy's outlier detection, in the form that gRPC gave it (gRFC A50): order of the checks, cap, growth and decay
 * of the multiplier; consecutive faults are Envoy's `consecutive_5xx`, which gRPC leaves out.
 */
export class OutlierEjection implements BackendPolicy, TimerHandler {
  readonly name = NAME;
  readonly #context: PolicyContext;
  readonly #config: OutlierEjectionConfig;
  #records = new Map<PooledBackend, History>();
  #ejected = 0;

  constructor(context: PolicyContext, config: OutlierEjectionConfig) {
    this.#context = context;
    this.#config = config;
    context.timers.after(config.intervalMs, this, 0);
  }

  update(table: readonly PooledBackend[]): void {
    this.#records = new Map(table.map((backend) => [backend, this.#records.get(backend) ?? recordOf(backend)]));
    this.#ejected = table.filter(({ bars }) => (bars & EJECTED) !== 0).length;
  }

  ended(backend: PooledBackend, verdict: Verdict): void {
    const record = this.#records.get(backend);
    if (record === undefined || verdict === 'nothing') return;
    if (verdict === 'success') {
      record.successes += 1;
      record.faultsInARow = 0;
      return;
    }
    record.faults += 1;
    record.faultsInARow += 1;
    const { consecutiveFaults } = this.#config;
    if (consecutiveFaults > 0 && record.faultsInARow >= consecutiveFaults)
      this.#eject(record, `${record.faultsInARow} faults in a row`);
  }

  /** An interval is over. */
  onTimer(): void {
    this.#judgeSuccessRates();
    this.#judgeFailureShares();
    for (const record of this.#records.values()) {
      if ((record.backend.bars & EJECTED) !== 0) this.#returnIfDue(record);
      else if (record.multiplier > 0) record.multiplier -= 1;
      record.successes = 0;
      record.faults = 0;
    }
    this.#context.timers.after(this.#config.intervalMs, this, 0);
  }

  #judgeSuccessRates(): void {
    const { minimumRequests, minimumBackends, stdevFactor } = this.#config.successRate;
    if (stdevFactor === 0) return;
    const judged = this.#withVolume(minimumRequests);
    if (judged.length < minimumBackends) return;
    const threshold = successRateThreshold(judged.map(successRateOf), stdevFactor);
    for (const record of judged) {
      const rate = successRateOf(record);
      if (rate < threshold)
        this.#eject(record, `success rate ${percent(rate)}, accepted among its peers: ${percent(threshold)}`);
    }
  }

  #judgeFailureShares(): void {
    const { minimumRequests, minimumBackends, threshold } = this.#config.failureShare;
    if (threshold === 1) return;
    const judged = this.#withVolume(minimumRequests);
    if (judged.length < minimumBackends) return;
    for (const record of judged) {
      const share = 1 - successRateOf(record);
      if (share > threshold) this.#eject(record, `${percent(share)} failed, accepted: ${percent(threshold)}`);
    }
  }

  /** In the order of the table. */
  #withVolume(minimum: number): readonly History[] {
    return [...this.#records.values()].filter(({ successes, faults }) => successes + faults >= minimum);
  }

  #eject(record: History, why: string): void {
    const { backend } = record;
    if ((backend.bars & EJECTED) !== 0) return;
    if (this.#ejected >= this.#config.maxEjectedShare * this.#records.size) return;
    this.#ejected += 1;
    record.ejectedMs = this.#context.clock.nowMs();
    record.multiplier += 1;
    this.#context.metrics.ejections += 1;
    this.#context.bar(backend, EJECTED, NAME, 'eject', `${why}; out for ${this.#outForMs(record)} ms`);
  }

  #returnIfDue(record: History): void {
    const outMs = this.#context.clock.nowMs() - record.ejectedMs;
    if (outMs < this.#outForMs(record)) return;
    this.#ejected -= 1;
    record.faultsInARow = 0;
    this.#context.lift(record.backend, EJECTED, NAME, 'return', `it was out for ${outMs} ms`);
  }

  #outForMs({ multiplier }: History): number {
    const { baseEjectionMs, maxEjectionMs } = this.#config;
    return Math.min(baseEjectionMs * multiplier, Math.max(baseEjectionMs, maxEjectionMs));
  }
}

function recordOf(backend: PooledBackend): History {
  return { backend, successes: 0, faults: 0, faultsInARow: 0, ejectedMs: 0, multiplier: 0 };
}

function successRateOf({ successes, faults }: History): number {
  return successes / (successes + faults);
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
