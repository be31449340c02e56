import { z } from 'zod';
import { HashRing } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { HashedTable } from './hashed-table.ts';
import { murmurRing, virtualNodesOption } from './ring-hash.ts';

const options = z.strictObject({
  balanceFactor: z
    .number()
    .gt(1)
    .max(100)
    .default(1.25)
    .describe('c: how many times its share of the requests in flight a backend may have.'),
  mean: z
    .enum(['exact', 'floored'])
    .default('exact')
    .describe(
      'How a share is counted: as in the paper, or rounded down to a whole number first, as in lafikl/consistent.',
    ),
  virtualNodes: virtualNodesOption(),
});

/** Options of the balancer `bounded-load-ring`. */
export type BoundedLoadRingOptions = z.infer<typeof options>;

/**
 * How many requests a backend of `weight` may have in flight once one more has come.
 *
 * @param inFlight - Of all that are eligible, without the one to come.
 */
export function boundedLoad(
  { balanceFactor, mean }: Pick<BoundedLoadRingOptions, 'balanceFactor' | 'mean'>,
  inFlight: number,
  weight: number,
  totalWeight: number,
): number {
  if (mean === 'exact') return Math.ceil((balanceFactor * (inFlight + 1) * weight) / totalWeight);
  return Math.ceil(balanceFactor * Math.max(1, Math.floor(((inFlight + 1) * weight) / totalWeight)));
}

/**
 * The owner of the first point clockwise from the key's hash whose backend is eligible and has room for one more. Loads and weights are
 * those of the eligible: a bound over the whole table might leave no replica of a key with room. As it is, there always is one.
 */
class BoundedLoadRing implements Balancer {
  readonly #options: BoundedLoadRingOptions;
  readonly #table = new HashedTable();
  #ring = new HashRing<Backend>([], () => []);

  constructor(chosen: BoundedLoadRingOptions) {
    this.#options = chosen;
  }

  update(backends: readonly Backend[]): void {
    if (this.#table.update(backends)) this.#ring = murmurRing(this.#table.backends, this.#options.virtualNodes);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const position = this.#ring.successor(request.keyHash);
    return boundedWalk(this.#table, this.#ring.owners, position, eligible, this.#options) ?? first;
  }

  onDone(): void {
    // Loads are read off the backends.
  }
}

/** Walks a ring from `position` to the first backend that is eligible and has room for one more request. */
export function boundedWalk(
  table: HashedTable,
  owners: Int32Array,
  position: number,
  eligible: readonly Backend[],
  bound: Pick<BoundedLoadRingOptions, 'balanceFactor' | 'mean'>,
): Backend | undefined {
  let inFlight = 0;
  let totalWeight = 0;
  for (const backend of eligible) {
    inFlight += backend.inFlight;
    totalWeight += backend.weight;
  }
  for (let step = 0, at = position; step < owners.length; step++) {
    const place = owners[at] ?? 0;
    const owner = table.at(place);
    if (owner !== undefined && table.isEligible(place)) {
      if (owner.inFlight + 1 <= boundedLoad(bound, inFlight, owner.weight, totalWeight)) return owner;
    }
    if (++at === owners.length) at = 0;
  }
  return undefined;
}

export const boundedLoadRing: BalancerDefinition<BoundedLoadRingOptions> = {
  name: 'bounded-load-ring',
  summary:
    'Consistent hashing with bounded loads: a key walks on around the ring while backends have more than c times their share.',
  source:
    'V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent hashing with bounded loads" (SODA 2018); bounds as in lafikl/consistent for mean = floored.',
  complexity:
    'Pick O(eligible + backends / eligible) expected, more where most are full; memory O(backends × virtualNodes); update O(p log p) for that many points.',
  weakness:
    'Overflow lands on the next backend of the ring, and cascades; counts this gateway’s requests only; a key moves to and fro while its backend is about full.',
  options,
  create: (_context, chosen) => new BoundedLoadRing(chosen),
};
