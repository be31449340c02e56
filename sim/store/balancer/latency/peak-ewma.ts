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
});

/** Options of the balancer `peak-ewma`. */
export type PeakEwmaOptions = z.infer<typeof options>;

/** Load of a backend that has requests in flight and has never answered: beyond any real one. */
const UNKNOWN = 140_737_488_355_327;

/** Of two backends that are drawn, the one with the lower latency × (requests in flight + 1). */
class PeakEwma implements Balancer {
  readonly #nowMs: () => number;
  readonly #draws: DistinctDraws;
  /** Of latencies: up at once, down slowly. */
  readonly #costs: DecayingAverages;

  constructor({ random, nowMs }: BalancerContext, decayMs: number) {
    this.#nowMs = nowMs;
    this.#draws = new DistinctDraws(random, 2);
    this.#costs = new DecayingAverages(decayMs);
  }

  update(backends: readonly Backend[]): void {
    this.#costs.update(backends, this.#nowMs());
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    const count = eligible.length;
    if (count === 1) return first;
    const nowMs = this.#nowMs();
    this.#draws.among(count);
    const one = eligible[this.#draws.next()] ?? first;
    const other = eligible[this.#draws.next()] ?? first;
    return this.#loadOf(one, nowMs) <= this.#loadOf(other, nowMs) ? one : other;
  }

  onDone(backend: Backend, _outcome: AttemptOutcome, latencyMs: number): void {
    const index = this.#costs.indexOf(backend.id);
    if (index === undefined) return;
    const nowMs = this.#nowMs();
    if (latencyMs > this.#costs.at(index)) this.#costs.set(index, latencyMs, nowMs);
    else this.#costs.observe(index, latencyMs, nowMs);
  }

  #loadOf({ index, inFlight }: Backend, nowMs: number): number {
    const cost = this.#costs.observe(index, 0, nowMs);
    return cost === 0 && inFlight !== 0 ? UNKNOWN + inFlight : cost * (inFlight + 1);
  }
}

export const peakEwma: BalancerDefinition<PeakEwmaOptions> = {
  name: 'peak-ewma',
  summary:
    'Draws two backends and picks the lower product of requests in flight and a latency average that jumps to each peak and fades.',
  source:
    'Finagle, PeakEwma.scala, with its two choices; decay 10 s as there. Every attempt counts, whatever its outcome.',
  complexity: 'Pick O(1); memory O(backends).',
  weakness: 'One slow request marks a backend for seconds; one that fails fast looks fast. Draws blind to weight.',
  options,
  create: (context, chosen) => new PeakEwma(context, chosen.decayMs),
};
