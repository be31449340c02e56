import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import type {
  AttemptOutcome,
  Backend,
  Balancer,
  BalancerContext,
  BalancerDefinition,
  LoadFeedback,
} from '../balancer.ts';
import { DistinctDraws } from '../distinct-draws.ts';
import { firstOf } from '../eligible.ts';
import { Table } from '../table.ts';
import { ProbePool } from './probe-pool.ts';
import { RifQuantile } from './rif-quantile.ts';

const options = z.strictObject({
  probesPerRequest: z.number().min(0).max(16).default(3).describe('Probes sent for a request; fractions add up.'),
  removalsPerRequest: z
    .number()
    .min(0)
    .max(16)
    .default(1)
    .describe('Answers thrown out of the pool for a request, oldest and worst by turns; fractions add up.'),
  poolSize: z.int().min(2).max(4096).default(16).describe('Answers that are kept, at most one a backend.'),
  maxAgeMs: z.number().positive().max(3_600_000).default(1_000).describe('Older answers are forgotten.'),
  hotQuantile: z
    .number()
    .min(0)
    .max(1)
    .default(0.84)
    .describe(
      'A backend is hot with more requests in flight than this quantile of the latest answers; 0: by requests alone, 1: by latency alone.',
    ),
  reuseSlack: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('How much more often than needed an answer may be used: δ in (1 + δ) / ((1 − m/n) probes − removals).'),
});

/** Options of the balancer `prequal`. */
export type PrequalOptions = z.infer<typeof options>;

/** With fewer answers to choose from, a draw does better than they. */
const LEAST_ANSWERS = 2;

/**
 * Asks a few backends for their load with each request, and picks by the answers to earlier ones: of those that are not
 * hot, the one where a request takes least time; if all are hot, the one with the fewest requests.
 */
class Prequal implements Balancer {
  readonly #random: RandomStream;
  readonly #nowMs: () => number;
  readonly #probe: ((backend: Backend) => void) | undefined;
  readonly #options: PrequalOptions;
  readonly #table = new Table();
  readonly #pool: ProbePool;
  readonly #rif: RifQuantile;
  readonly #draws: DistinctDraws;
  #probesDue = 0;
  #removalsDue = 0;

  constructor({ random, nowMs, probe }: BalancerContext, chosen: PrequalOptions) {
    this.#random = random;
    this.#nowMs = nowMs;
    this.#probe = probe;
    this.#options = chosen;
    this.#pool = new ProbePool(chosen.poolSize, chosen.maxAgeMs);
    this.#rif = new RifQuantile(chosen.hotQuantile);
    this.#draws = new DistinctDraws(random, Math.ceil(chosen.probesPerRequest) + 1);
  }

  update(backends: readonly Backend[]): void {
    this.#pool.update(this.#table.update(backends));
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    this.#pool.expire(this.#nowMs());
    const threshold = this.#rif.threshold;
    const picked = this.#best(eligible, threshold) ?? eligible[this.#random.below(eligible.length)] ?? first;
    this.#pool.use(picked.index);
    this.#removalsDue += this.#options.removalsPerRequest;
    for (; this.#removalsDue >= 1; this.#removalsDue--) this.#pool.thinOut(threshold);
    this.#askSome(eligible, first);
    return picked;
  }

  onFeedback(backend: Backend, feedback: LoadFeedback): void {
    const index = this.#table.indexOf(backend.id);
    if (feedback.kind !== 'probe' || index === undefined) return;
    this.#rif.add(feedback.inFlight);
    this.#pool.add(index, feedback.inFlight, feedback.latencyMs, this.#nowMs(), this.#uses());
  }

  onDone(backend: Backend, outcome: AttemptOutcome): void {
    const index = this.#table.indexOf(backend.id);
    // Who fails at once has few requests in flight: its answer must not draw more of them.
    if (index !== undefined && (outcome === 'failed' || outcome === 'timeout')) this.#pool.drop(index);
  }

  /** By the hot-cold lexicographic rule; undefined if too few of the eligible have answered. */
  #best(eligible: readonly Backend[], threshold: number): Backend | undefined {
    let best: Backend | undefined;
    let answers = 0;
    let isBestHot = true;
    let leastRif = 0;
    let leastMs = 0;
    let ties = 0;
    for (const backend of eligible) {
      const answer = this.#pool.of(backend.index);
      if (answer === undefined) continue;
      answers++;
      const { inFlight, latencyMs } = answer;
      const isHot = inFlight > threshold;
      if (best !== undefined) {
        if (isHot && !isBestHot) continue;
        if (isHot === isBestHot) {
          const over = isHot ? inFlight - leastRif || latencyMs - leastMs : latencyMs - leastMs || inFlight - leastRif;
          if (over > 0) continue;
          // Equals are drawn from, or the first of the table would get all requests of an idle cluster.
          if (over === 0 && this.#random.below(++ties) !== 0) continue;
          if (over < 0) ties = 1;
        } else ties = 1;
      } else ties = 1;
      best = backend;
      isBestHot = isHot;
      leastRif = inFlight;
      leastMs = latencyMs;
    }
    return answers < LEAST_ANSWERS ? undefined : best;
  }

  #askSome(eligible: readonly Backend[], first: Backend): void {
    if (this.#probe === undefined) return;
    this.#probesDue += this.#options.probesPerRequest;
    const probes = Math.trunc(this.#probesDue);
    this.#probesDue -= probes;
    this.#draws.among(eligible.length);
    for (let sent = Math.min(probes, eligible.length); sent > 0; sent--)
      this.#probe(eligible[this.#draws.next()] ?? first);
  }

  /** How often a new answer may be used, on average as the paper has it: often enough that the pool does not run dry. */
  #uses(): number {
    const { poolSize, probesPerRequest, removalsPerRequest, reuseSlack } = this.#options;
    const gained = (1 - poolSize / this.#table.size) * probesPerRequest - removalsPerRequest;
    // With as few backends as the pool has places, answers are replaced before they can be used too often.
    if (gained <= 0) return Number.POSITIVE_INFINITY;
    const uses = Math.max(1, (1 + reuseSlack) / gained);
    const whole = Math.floor(uses);
    return uses > whole && this.#random.next() < uses - whole ? whole + 1 : whole;
  }
}

export const prequal: BalancerDefinition<PrequalOptions> = {
  name: 'prequal',
  summary:
    'Probes a few backends with each request and picks from a pool of answers: the fastest that is not hot, else the one with the fewest requests.',
  source:
    'B. Wydrowski, R. Kleinberg, S. M. Rumble, A. Archer, "Load is not what you should balance: Introducing Prequal" (NSDI ’24), asynchronous mode. Left out: probes while idle. A failure drops the backend’s answer, in place of its guard against sinkholes.',
  complexity: 'Pick O(eligible + poolSize) and probesPerRequest messages; memory O(backends + poolSize).',
  weakness:
    'Costs probes. Only answers of replicas that hold the block help: where each request has few, a pool of 16 serves some 16 backends; raise poolSize with their number.',
  options,
  create: (context, chosen) => new Prequal(context, chosen),
};
