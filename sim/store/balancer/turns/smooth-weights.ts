import type { NodeId } from '../../../host.ts';
import type { Backend } from '../balancer.ts';
import { firstOf, isEquallyLoaded } from '../eligible.ts';
import { carryOver, Table } from '../table.ts';

/**
 * nginx's smooth weighted round robin, one step at a time. Every candidate earns its effective weight; the
 * richest is picked and pays what all have earned. Credits and debts sum to zero and stay bounded. They are kept
 * per backend while the candidates change from step to step; shares then stay close to proportional, not exact,
 * since a pick among heavy candidates costs more than one among light ones.
 *
 * A failure lowers the effective weight; each step in which the backend is a candidate gives one unit back.
 *
 * Source: I. Sysoev, M. Dounin, nginx, `ngx_http_upstream_round_robin.c`.
 */
export class SmoothWeights {
  readonly #table = new Table();
  readonly #maxFails: number;
  /** Earned and not yet spent. */
  #credit = new Float64Array(0);
  /** By how much failures have lowered the effective weight below the weight. */
  #penalty = new Float64Array(0);
  #weight = new Float64Array(0);

  /** @param maxFails - A failure takes the `maxFails`-th part of the weight away; 0: failures cost nothing. */
  constructor(maxFails: number) {
    this.#maxFails = maxFails;
  }

  update(backends: readonly Backend[]): void {
    const before = this.#table.size;
    const origins = this.#table.update(backends);
    const stayed = origins.reduce((count, origin) => (origin < 0 ? count : count + 1), 0);
    this.#credit = carryOver(this.#credit, origins);
    this.#penalty = carryOver(this.#penalty, origins);
    this.#weight = Float64Array.from(origins, () => 0);
    for (const backend of backends) this.#weight[backend.index] = backend.weight;
    if (stayed < before) this.#settle(origins);
  }

  /** Picks one of `eligible`; with `peer`, one of those that are as loaded as `peer`. */
  step(eligible: readonly Backend[], peer?: Backend): Backend {
    let picked: Backend | undefined;
    let most = 0;
    let earned = 0;
    for (const backend of eligible) {
      if (peer !== undefined && !isEquallyLoaded(backend, peer)) continue;
      const index = backend.index;
      const penalty = this.#penalty[index] ?? 0;
      const effective = Math.max(0, backend.weight - penalty);
      const credit = (this.#credit[index] ?? 0) + effective;
      this.#credit[index] = credit;
      if (penalty > 0) this.#penalty[index] = Math.max(0, penalty - 1);
      earned += effective;
      if (picked === undefined || credit > most) {
        picked = backend;
        most = credit;
      }
    }
    if (picked === undefined) return firstOf(eligible);
    this.#credit[picked.index] = most - earned;
    return picked;
  }

  /** An attempt on this backend failed. A backend that has left the table is ignored. */
  fail(id: NodeId): void {
    const index = this.#table.indexOf(id);
    if (index === undefined || this.#maxFails === 0) return;
    const weight = this.#weight[index] ?? 0;
    const part = weight / this.#maxFails;
    // nginx has whole weights only, and its division rounds down.
    const lowered = Number.isInteger(weight) ? Math.floor(part) : part;
    this.#penalty[index] = Math.min(weight, (this.#penalty[index] ?? 0) + lowered);
  }

  /**
   * Backends that left took their credit or debt with them. What remains of it is shared by those that stayed, so
   * that they sum to zero again and a newcomer, who starts there, is neither favoured nor starved.
   */
  #settle(origins: Int32Array): void {
    let credit = 0;
    let weight = 0;
    origins.forEach((origin, i) => {
      if (origin < 0) return;
      credit += this.#credit[i] ?? 0;
      weight += this.#weight[i] ?? 0;
    });
    origins.forEach((origin, i) => {
      if (origin < 0) return;
      this.#credit[i] = (this.#credit[i] ?? 0) - (credit * (this.#weight[i] ?? 0)) / weight;
    });
  }
}
