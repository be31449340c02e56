import { z } from 'zod';
import { compareIds } from '../../placement/hash-ring.ts';
import type {
  AttemptOutcome,
  Backend,
  Balancer,
  BalancerContext,
  BalancerDefinition,
  LoadFeedback,
  PickRequest,
} from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { MersenneTwister } from '../hash/mersenne-twister.ts';
import { createWithin, type InnerBalancers, withinOptions } from './within.ts';

/** Options of the balancer `deterministic-subset`, beside the balancer inside. */
interface DeterministicSubsetOptions {
  readonly within: string;
  readonly withinOptions: Readonly<Record<string, unknown>>;
  readonly subsetSize: number;
}

const draws = new MersenneTwister();

/**
 * The subset of a client: clients come in rounds of as many as there are subsets; each round shuffles the backends anew and deals
 * them out. What is left over when the deal does not come out even is left out in that round.
 *
 * Source: "Site Reliability Engineering" (2016), chapter 20, with the shuffle of the Python of its day: the orders that the book prints.
 *
 * @param count - How many backends there are.
 * @returns Their places, `subsetSize` of them or all.
 */
export function subsetOf(count: number, client: number, subsetSize: number): readonly number[] {
  const subsets = Math.max(1, Math.floor(count / subsetSize));
  const order = Array.from({ length: count }, (_, place) => place);
  draws.seedByWord(Math.floor(client / subsets));
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(draws.nextUnit() * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  const start = (client % subsets) * subsetSize;
  return order.slice(start, start + subsetSize);
}

/**
 * Leaves to another balancer the choice among the eligible of this gateway's subset; where none of them is in it, among all that
 * are eligible, for a request must go to a node that has its block.
 */
class DeterministicSubset implements Balancer {
  readonly #client: number;
  readonly #subsetSize: number;
  readonly #inner: Balancer;
  readonly #chosen: Backend[] = [];
  /** Whether the backend at each place of the table is in the subset. */
  #isIn = new Uint8Array(0);

  constructor(client: number, subsetSize: number, inner: Balancer) {
    this.#client = client;
    this.#subsetSize = subsetSize;
    this.#inner = inner;
  }

  update(backends: readonly Backend[]): void {
    const byId = [...backends].sort(compareIds);
    this.#isIn = new Uint8Array(backends.length);
    for (const place of subsetOf(backends.length, this.#client, this.#subsetSize)) {
      const index = byId[place]?.index;
      if (index !== undefined) this.#isIn[index] = 1;
    }
    this.#inner.update(backends);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    firstOf(eligible);
    this.#chosen.length = 0;
    for (const backend of eligible) if (this.#isIn[backend.index] === 1) this.#chosen.push(backend);
    return this.#inner.pick(this.#chosen.length === 0 ? eligible : this.#chosen, request);
  }

  onDone(backend: Backend, outcome: AttemptOutcome, latencyMs: number): void {
    this.#inner.onDone(backend, outcome, latencyMs);
  }

  onFeedback(backend: Backend, feedback: LoadFeedback): void {
    this.#inner.onFeedback?.(backend, feedback);
  }
}

/** The balancer `deterministic-subset` over these. */
export function deterministicSubsetOver(inner: InnerBalancers): BalancerDefinition<DeterministicSubsetOptions> {
  return {
    name: 'deterministic-subset',
    summary: 'Each gateway talks to a subset of the backends only, dealt so that all backends are in as many subsets.',
    source:
      '"Site Reliability Engineering" (O’Reilly, 2016), chapter 20: deterministic subsetting; bit-exact with its example.',
    complexity:
      'Pick O(eligible) and that of the balancer inside; memory O(backends); update O(backends log backends).',
    weakness:
      'A change of the table shuffles anew for all; with few replicas, most requests find none in the subset and go beyond it; few gateways leave backends out.',
    options: z.strictObject({
      ...withinOptions(inner, 'round-robin'),
      subsetSize: z.int().min(1).max(100_000).default(20).describe('Backends that a gateway talks to.'),
    }),
    create: (context: BalancerContext, chosen) =>
      new DeterministicSubset(context.seat?.position ?? 0, chosen.subsetSize, createWithin(inner, chosen, context)),
  };
}
