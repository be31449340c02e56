import type { RandomStream } from '../../../host.ts';
import type { Backend } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { carryOver, Table } from '../table.ts';

/**
 * Earliest deadline first in virtual time: a backend's next turn is due 1 / weight after its last, and the one that is due
 * first is picked. Among those that are due together, the one whose turn was set first.
 *
 * Where each request has replicas of its own, time never runs backward: a backend that was not eligible for long is picked
 * at the next chance, once, and does not make good for all the turns that it missed.
 *
 * Source: Envoy, `EdfScheduler`. A scan of the eligible takes the place of its heap, since they change with each request.
 */
export class Deadlines {
  readonly #table = new Table();
  readonly #random: RandomStream;
  #now = 0;
  #due = new Float64Array(0);
  /** Rank in time of when each deadline was set. */
  #order = new Float64Array(0);
  #orders = 0;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  /** Takes over a new table; newcomers are due as if they had just had a turn. */
  update(backends: readonly Backend[], weightOf: (backend: Backend) => number): void {
    const isFirst = this.#table.size === 0;
    const origins = this.#table.update(backends);
    this.#due = carryOver(this.#due, origins);
    this.#order = carryOver(this.#order, origins);
    for (const backend of backends) if ((origins[backend.index] ?? -1) < 0) this.set(backend, weightOf(backend));
    if (!isFirst || backends.length === 0) return;
    // Gateways that start together would all begin with the same backend.
    for (let skipped = this.#random.below(backends.length); skipped > 0; skipped--) {
      const backend = this.earliest(backends);
      this.set(backend, weightOf(backend));
    }
  }

  /** Advances to the first deadline among the eligible and returns whose it is. */
  earliest(eligible: readonly Backend[]): Backend {
    let earliest = firstOf(eligible);
    let due = this.#due[earliest.index] ?? 0;
    let order = this.#order[earliest.index] ?? 0;
    for (const backend of eligible) {
      const other = this.#due[backend.index] ?? 0;
      if (other > due || (other === due && (this.#order[backend.index] ?? 0) >= order)) continue;
      earliest = backend;
      due = other;
      order = this.#order[backend.index] ?? 0;
    }
    if (due > this.#now) this.#now = due;
    return earliest;
  }

  /** Sets when a backend is due again. */
  set({ index }: Backend, weight: number): void {
    this.#due[index] = this.#now + 1 / weight;
    this.#order[index] = ++this.#orders;
  }
}
