import { RetryBudget } from '../retry-budget.ts';
import type { ClientConfig } from './config.ts';
import { LatencyWindow } from './latency-window.ts';

/** Where latencies are all but equal, one like the others is not late. */
const MARGIN = 1.01;

/** When a client hedges, and how often it may. */
export class Hedging {
  readonly #latencies: LatencyWindow;
  readonly #budget: RetryBudget;

  constructor({ quantile, maxExtra, burst }: NonNullable<ClientConfig['hedge']>) {
    this.#latencies = new LatencyWindow(quantile);
    this.#budget = new RetryBudget(maxExtra, burst);
  }

  /** How long a get of a block is left alone; undefined while too little is known. */
  get delayMs(): number | undefined {
    const { valueMs } = this.#latencies;
    return valueMs === undefined ? undefined : valueMs * MARGIN;
  }

  /** A get begins. */
  began(): void {
    this.#budget.earn();
  }

  /** A get took so long. Of one that its hedge has overtaken, the time until then: it would have taken longer. */
  took(latencyMs: number): void {
    this.#latencies.record(latencyMs);
  }

  /** Takes one hedge out of the budget, if there is one. */
  spend(): boolean {
    return this.#budget.spend();
  }
}
