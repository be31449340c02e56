import type { NodeId } from '../../../host.ts';
import type { Backend } from '../balancer.ts';
import { carryOver, Table } from '../table.ts';

/**
 * A moving average a backend in which a sample's weight fades by e in each window of time, however unevenly samples come.
 *
 * Source: A. Eckner, "Algorithms for unevenly spaced time series"; Finagle's `Ema` has the same formula.
 */
export class DecayingAverages {
  readonly #table = new Table();
  readonly #windowMs: number;
  #averages = new Float64Array(0);
  #touchedMs = new Float64Array(0);

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes over a new table. Returns for each place the backend's place in the old one, or −1. */
  update(backends: readonly Backend[], nowMs: number): Int32Array {
    const origins = this.#table.update(backends);
    this.#averages = carryOver(this.#averages, origins);
    this.#touchedMs = carryOver(this.#touchedMs, origins);
    origins.forEach((origin, index) => {
      if (origin < 0) this.#touchedMs[index] = nowMs;
    });
    return origins;
  }

  /** Place of a backend in the current table; undefined for one that has left. */
  indexOf(id: NodeId): number | undefined {
    return this.#table.indexOf(id);
  }

  /** As it was left by the last sample. */
  at(index: number): number {
    return this.#averages[index] ?? 0;
  }

  set(index: number, value: number, nowMs: number): void {
    this.#averages[index] = value;
    this.#touchedMs[index] = nowMs;
  }

  /** Mixes a sample in and returns the average. A sample of 0 lets it fade. */
  observe(index: number, sample: number, nowMs: number): number {
    const average = this.faded(index, sample, nowMs);
    this.set(index, average, nowMs);
    return average;
  }

  /** What {@link observe} would return. */
  faded(index: number, sample: number, nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - (this.#touchedMs[index] ?? 0));
    const kept = Math.exp(-elapsedMs / this.#windowMs);
    return sample * (1 - kept) + this.at(index) * kept;
  }
}
