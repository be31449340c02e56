import { z } from 'zod';
import type { AttemptOutcome, Backend, Balancer, BalancerContext, BalancerDefinition } from '../balancer.ts';
import { DistinctDraws } from '../distinct-draws.ts';
import { firstOf } from '../eligible.ts';
import { DecayingAverages } from './decaying-averages.ts';

const options = z.strictObject({
  decayMs: z
    .number()
    .positive()
    .max(3_600_000)
    .default(10_000)
    .describe('In so many ms the weight of what was measured fades to 1 / e.'),
  choices: z.int().min(1).max(16).default(2).describe('How many distinct backends are looked at for a pick.'),
});

/** Options of the balancer `ewma`. */
export type EwmaOptions = z.infer<typeof options>;

/** Of a few backends that are drawn, the one whose latency was lowest of late. */
class Ewma implements Balancer {
  readonly #nowMs: () => number;
  readonly #choices: number;
  readonly #draws: DistinctDraws;
  readonly #latencies: DecayingAverages;

  constructor({ random, nowMs }: BalancerContext, { decayMs, choices }: EwmaOptions) {
    this.#nowMs = nowMs;
    this.#choices = choices;
    this.#draws = new DistinctDraws(random, choices);
    this.#latencies = new DecayingAverages(decayMs);
  }

  update(backends: readonly Backend[]): void {
    const nowMs = this.#nowMs();
    const origins = this.#latencies.update(backends, nowMs);
    let known = 0;
    let sum = 0;
    origins.forEach((origin, index) => {
      if (origin < 0) return;
      known++;
      sum += this.#latencies.at(index);
    });
    if (known === 0) return;
    // A newcomer that counted as infinitely fast would get everything at once.
    origins.forEach((origin, index) => {
      if (origin < 0) this.#latencies.set(index, sum / known, nowMs);
    });
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    const count = eligible.length;
    if (count === 1) return first;
    const nowMs = this.#nowMs();
    this.#draws.among(count);
    let fastest = eligible[this.#draws.next()] ?? first;
    let lowest = this.#latencies.faded(fastest.index, 0, nowMs);
    const choices = Math.min(this.#choices, count);
    for (let drawn = 1; drawn < choices; drawn++) {
      const other = eligible[this.#draws.next()] ?? first;
      const latency = this.#latencies.faded(other.index, 0, nowMs);
      if (latency >= lowest) continue;
      fastest = other;
      lowest = latency;
    }
    return fastest;
  }

  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void {
    if (outcome === 'cancelled') return;
    const index = this.#latencies.indexOf(backend.id);
    if (index !== undefined) this.#latencies.observe(index, latencyMs, this.#nowMs());
  }
}

export const ewma: BalancerDefinition<EwmaOptions> = {
  name: 'ewma',
  summary:
    'Draws two backends and picks the one with the lower moving average of latency, which fades while it is not asked.',
  source:
    'ingress-nginx, balancer/ewma.lua: decay 10 s, two of all, newcomers start at the mean. The average is Finagle’s Ema.',
  complexity: 'Pick O(choices²); memory O(backends).',
  weakness:
    'Blind to requests in flight: between two answers everything goes to who was fast, and a backend that fails fast looks best of all.',
  options,
  create: (context, chosen) => new Ewma(context, chosen),
};
