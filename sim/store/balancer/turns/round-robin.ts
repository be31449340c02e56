import { z } from 'zod';
import type { Backend, Balancer, BalancerDefinition } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { carryOver, Table } from '../table.ts';

const options = z.strictObject({});

/** Options of the balancer `round-robin`: none. */
export type RoundRobinOptions = z.infer<typeof options>;

/**
 * The eligible backend whose last turn is longest ago. Where the same backends are eligible every time this is
 * the plain circle; where each request has its own replicas, a circle over the table would favour the backend
 * after a gap, and a shared counter could fall into step with the sequence of requests.
 */
class RoundRobin implements Balancer {
  readonly #table = new Table();
  #turn = 0;
  /** Number of each backend's last turn; 0 before its first. */
  #lastTurn = new Float64Array(0);

  update(backends: readonly Backend[]): void {
    this.#lastTurn = carryOver(this.#lastTurn, this.#table.update(backends));
  }

  pick(eligible: readonly Backend[]): Backend {
    let picked = firstOf(eligible);
    let earliest = this.#lastTurn[picked.index] ?? 0;
    for (const backend of eligible) {
      const last = this.#lastTurn[backend.index] ?? 0;
      if (last < earliest || (last === earliest && backend.index < picked.index)) {
        picked = backend;
        earliest = last;
      }
    }
    this.#lastTurn[picked.index] = ++this.#turn;
    return picked;
  }

  onDone(): void {
    // Turns go on whatever the outcome.
  }
}

export const roundRobin: BalancerDefinition<RoundRobinOptions> = {
  name: 'round-robin',
  summary: 'Takes turns: the eligible backend that was picked longest ago, whatever its weight.',
  source: 'The classic; by last turn, not by a cursor, so that it stays fair over changing sets of replicas.',
  complexity: 'Pick O(eligible); memory O(backends).',
  weakness: 'Blind to weight, load and failures: a slow or small backend gets as much as the others.',
  options,
  create: () => new RoundRobin(),
};
