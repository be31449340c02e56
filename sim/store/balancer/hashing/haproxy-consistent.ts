import { z } from 'zod';
import type { NodeId } from '../../../host.ts';
import { HashRing } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { fullHash, haproxyHashes } from '../hash/haproxy.ts';
import { HashedTable } from './hashed-table.ts';
import { wholeWeights } from './whole-weights.ts';

const options = z.strictObject({
  hash: z.enum(['sdbm', 'djb2', 'wt6', 'crc32']).default('sdbm').describe('How keys are hashed.'),
  avalanche: z
    .boolean()
    .default(true)
    .describe('Whether the hash is mixed once more; without, keys that differ in the end crowd.'),
  hashBalanceFactor: z
    .int()
    .refine((factor) => factor === 0 || factor > 100, '0, or more than 100')
    .default(0)
    .describe(
      'Requests in flight that a backend may have, in % of its share of those of all that are eligible; 0: no bound.',
    ),
});

/** Options of the balancer `haproxy-consistent`. */
export type HaproxyConsistentOptions = z.infer<typeof options>;

const POINTS_PER_WEIGHT = 16;
const POINTS_PER_SERVER = 4096;
/** What the largest of weights that are no whole numbers counts as: a step of 1/16. */
const LARGEST_WEIGHT = 16;

/** The points of a server by its number, 1 or more. */
export function haproxyPoints(serverNumber: number, weight: number): readonly number[] {
  return Array.from({ length: weight * POINTS_PER_WEIGHT }, (_, node) =>
    fullHash(serverNumber * POINTS_PER_SERVER + node),
  );
}

/**
 * The owner of the *nearer* of the two points around the key's hash. Points of backends that are not eligible are passed over on
 * either side, as if they were not on the ring, where HAProxy takes the points of a server that is down off. With a bound on load, the
 * pick walks on to the next point of a backend that has a slot left; loads, weights and slots are those of the eligible, in their order.
 */
class HaproxyConsistent implements Balancer {
  readonly #options: HaproxyConsistentOptions;
  readonly #table = new HashedTable();
  /** Numbers of the servers, which stay theirs: the least free one in the order of the table. */
  #numbers = new Map<NodeId, number>();
  #ring = new HashRing<Backend>([], () => []);
  /** Slots of the eligible, by place in the table. */
  #slots = new Float64Array(0);

  constructor(chosen: HaproxyConsistentOptions) {
    this.#options = chosen;
  }

  update(backends: readonly Backend[]): void {
    if (!this.#table.update(backends)) return;
    const table = this.#table.backends;
    this.#numbers = numbered(table, this.#numbers);
    this.#slots = new Float64Array(table.length);
    const weights = wholeWeights(table, LARGEST_WEIGHT);
    this.#ring = new HashRing(table, ({ id, index }) => haproxyPoints(this.#numbers.get(id) ?? 1, weights[index] ?? 1));
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const { hash, avalanche, hashBalanceFactor } = this.#options;
    const raw = haproxyHashes[hash](request.key);
    const position = this.#nearest(avalanche ? fullHash(raw) : raw);
    const { owners } = this.#ring;
    const nearest = this.#table.at(owners[position] ?? -1) ?? first;
    if (hashBalanceFactor === 0) return nearest;
    this.#share(eligible, hashBalanceFactor);
    for (let step = 0, at = position; step < owners.length; step++) {
      const place = owners[at] ?? 0;
      const owner = this.#table.at(place);
      if (owner !== undefined && this.#table.isEligible(place) && owner.inFlight < (this.#slots[place] ?? 0))
        return owner;
      if (++at === owners.length) at = 0;
    }
    return nearest;
  }

  onDone(): void {
    // Loads are read off the backends.
  }

  /** Position of the nearer of the eligible points before and at or after `hash`; the one before where they are as near. */
  #nearest(hash: number): number {
    const { owners, points, size } = this.#ring;
    const after = this.#table.walk(owners, this.#ring.successor(hash));
    let before = this.#ring.successor(hash);
    do before = before === 0 ? size - 1 : before - 1;
    while (!this.#table.isEligible(owners[before] ?? 0) && before !== after);
    const backward = (hash - (points[before] ?? 0)) >>> 0;
    const forward = ((points[after] ?? 0) - hash) >>> 0;
    return backward <= forward ? before : after;
  }

  /** Divides the slots, of which there are `factor` % of the requests in flight with this one, among the eligible. */
  #share(eligible: readonly Backend[], factor: number): void {
    let served = 0;
    let totalWeight = 0;
    for (const { inFlight, weight } of eligible) {
      served += inFlight;
      totalWeight += weight * POINTS_PER_WEIGHT;
    }
    const slots = Math.floor(((served + 1) * factor + 99) / 100);
    const perWeight = Math.floor(slots / totalWeight);
    const rest = slots - perWeight * totalWeight;
    let before = 0;
    for (const { index, weight } of eligible) {
      const whole = weight * POINTS_PER_WEIGHT;
      const ofRest = Math.floor(((before + whole) * rest) / totalWeight) - Math.floor((before * rest) / totalWeight);
      this.#slots[index] = Math.max(1, whole * perWeight + ofRest);
      before += whole;
    }
  }
}

function numbered(table: readonly Backend[], before: ReadonlyMap<NodeId, number>): Map<NodeId, number> {
  const kept = table.flatMap(({ id }) => before.get(id) ?? []);
  const taken = new Set(kept);
  let next = 1;
  return new Map(
    table.map(({ id }) => {
      const number = before.get(id);
      if (number !== undefined) return [id, number];
      while (taken.has(next)) next++;
      taken.add(next);
      return [id, next];
    }),
  );
}

export const haproxyConsistent: BalancerDefinition<HaproxyConsistentOptions> = {
  name: 'haproxy-consistent',
  summary:
    'Consistent hashing as HAProxy does it: the nearer of two points of a ring, and the next one with a slot left where load is bounded.',
  source:
    'HAProxy 2.6, lb_chash.c, `hash-type consistent` and `hash-balance-factor`; bit-exact for whole weights up to 256.',
  complexity:
    'Pick O(eligible + backends / eligible) expected; memory O(16 × total weight); update O(p log p) for that many points.',
  weakness:
    'Points come from the number of a server, so gateways that saw nodes join in another order disagree; 16 points leave shares uneven by a quarter.',
  options,
  create: (_context, chosen) => new HaproxyConsistent(chosen),
};
