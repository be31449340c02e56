import { z } from 'zod';
import type { NodeId, RandomStream } from '../../../host.ts';
import type {
  AttemptOutcome,
  Backend,
  Balancer,
  BalancerContext,
  BalancerDefinition,
  LoadFeedback,
} from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { CubicRate } from './cubic-rate.ts';

const options = z.strictObject({
  clients: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe(
      'Gateways that send to these backends: a request in flight here stands for so many. 0: as many as are known.',
    ),
  smoothing: z.number().gt(0).max(1).default(0.9).describe('Weight of the newest answer in the moving averages.'),
  rateControl: z.boolean().default(true).describe('Pass over a backend that was sent more of late than it answered.'),
});

/** Options of the balancer `c3`. */
export type C3Options = z.infer<typeof options>;

/** What is known of a backend by its answers; moving averages. */
interface ReplicaRecord {
  queue: number;
  serviceMs: number;
  responseMs: number;
  /** Told with the answer whose end is about to be reported; −1: none. */
  toldQueue: number;
  toldServiceMs: number;
  readonly rate: CubicRate;
}

/**
 * Ranks replicas by the time that a request would take, with the cube of the queue, so that a fast server with a long queue
 * loses against a slower one; and sends to none faster than it answers.
 */
class C3 implements Balancer {
  readonly #random: RandomStream;
  readonly #nowMs: () => number;
  readonly #options: C3Options;
  readonly #clients: number;
  #byId = new Map<NodeId, ReplicaRecord>();
  /** Those of the current table, by place. */
  #records: ReplicaRecord[] = [];

  constructor({ random, nowMs, seat }: BalancerContext, chosen: C3Options) {
    this.#random = random;
    this.#nowMs = nowMs;
    this.#options = chosen;
    this.#clients = chosen.clients === 0 ? (seat?.zones.length ?? 1) : chosen.clients;
  }

  update(backends: readonly Backend[]): void {
    const byId = new Map<NodeId, ReplicaRecord>();
    for (const { id } of backends) byId.set(id, this.#byId.get(id) ?? unknown(this.#nowMs()));
    this.#byId = byId;
    this.#records = [...byId.values()];
  }

  pick(eligible: readonly Backend[]): Backend {
    const nowMs = this.#nowMs();
    let picked = firstOf(eligible);
    let leastWaitMs = Number.POSITIVE_INFINITY;
    let best = Number.POSITIVE_INFINITY;
    let ties = 0;
    for (const backend of eligible) {
      const waitMs = this.#options.rateControl ? (this.#records[backend.index]?.rate.waitMs(nowMs) ?? 0) : 0;
      const score = this.#scoreOf(backend);
      if (waitMs > leastWaitMs || (waitMs === leastWaitMs && score > best)) continue;
      // Those that nothing is known of are alike; each must have the chance to become known.
      ties = waitMs === leastWaitMs && score === best ? ties + 1 : 1;
      if (ties > 1 && this.#random.below(ties) !== 0) continue;
      picked = backend;
      leastWaitMs = waitMs;
      best = score;
    }
    if (this.#options.rateControl) this.#records[picked.index]?.rate.spend(nowMs);
    return picked;
  }

  onFeedback(backend: Backend, feedback: LoadFeedback): void {
    const record = this.#byId.get(backend.id);
    if (record === undefined || feedback.kind !== 'answer') return;
    record.toldQueue = feedback.inFlight;
    record.toldServiceMs = feedback.serviceMs;
  }

  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void {
    const record = this.#byId.get(backend.id);
    if (record === undefined || outcome !== 'ok') return;
    if (record.toldQueue >= 0) {
      const share = this.#options.smoothing;
      record.queue = share * record.toldQueue + (1 - share) * record.queue;
      record.serviceMs = share * record.toldServiceMs + (1 - share) * record.serviceMs;
      record.responseMs = share * (latencyMs - record.toldServiceMs) + (1 - share) * record.responseMs;
      record.toldQueue = -1;
    }
    if (this.#options.rateControl) record.rate.answered(this.#nowMs());
  }

  /** Ψ = R − 1/μ + q̂³ / μ, in ms. `responseMs` is R − 1/μ: what an answer takes beyond the service. */
  #scoreOf({ index, inFlight }: Backend): number {
    const record = this.#records[index];
    if (record === undefined) return 0;
    const queue = 1 + inFlight * this.#clients + record.queue;
    return record.responseMs + queue * queue * queue * record.serviceMs;
  }
}

function unknown(nowMs: number): ReplicaRecord {
  return { queue: 0, serviceMs: 0, responseMs: 0, toldQueue: -1, toldServiceMs: 0, rate: new CubicRate(nowMs) };
}

export const c3: BalancerDefinition<C3Options> = {
  name: 'c3',
  summary:
    'Picks by queue³ × service time, which the backends tell with their answers, and sends to none faster than it answers.',
  source:
    'L. Suresh, M. Canini, S. Schmid, A. Feldmann, "C3: Cutting tail latency in cloud data stores via adaptive replica selection" (NSDI ’15); constants of the authors’ Cassandra. A request that would wait in its backlog goes at once to the backend that it would wait least for.',
  complexity: 'Pick O(eligible); memory O(backends).',
  weakness:
    'Service time includes the wait for the disk. A backend that was slow is shunned until its average is renewed, which only an answer does.',
  options,
  create: (context, chosen) => new C3(context, chosen),
};
