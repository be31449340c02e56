import { z } from 'zod';
import { AlgorithmError } from '../../algorithm.ts';
import { Word64 } from '../../hash/word64.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { textHashes } from '../hash/text-hash.ts';
import { EnvoyBoundedLoad, hashBalanceFactorOption } from './envoy-bounded-load.ts';
import { HashedTable } from './hashed-table.ts';
import { WideRing } from './wide-ring.ts';

const options = z.strictObject({
  minRingSize: z.int().min(1).max(8_388_608).default(1024).describe('Points of the whole ring, at least.'),
  maxRingSize: z.int().min(1).max(8_388_608).default(8_388_608).describe('Points of the whole ring, at most.'),
  hash: z
    .enum(['xxh64', 'murmur64a-envoy'])
    .default('xxh64')
    .describe(
      'How backends are hashed onto the ring; the second is Envoy’s MURMUR_HASH_2. Keys are always hashed with XXH64.',
    ),
  hashBalanceFactor: hashBalanceFactorOption(),
});

/** Options of the balancer `envoy-ring-hash`. */
export type EnvoyRingHashOptions = z.infer<typeof options>;

/**
 * How many points each backend has. The lightest gets a whole number; the others as many as running sums call for, so that a
 * share is off by less than one point.
 */
export function envoyPointCounts(
  backends: readonly Backend[],
  minRingSize: number,
  maxRingSize: number,
): readonly number[] {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  const shares = backends.map(({ weight }) => weight / total);
  const least = shares.reduce((min, share) => Math.min(min, share), 1);
  const scale = Math.min(Math.ceil(least * minRingSize) / least, maxRingSize);
  let target = 0;
  let current = 0;
  return shares.map((share) => {
    target += scale * share;
    const before = current;
    while (current < target) current++;
    return current - before;
  });
}

/** The ring of a table: the hashes of `<id>_<i>`. */
export function envoyRing(
  backends: readonly Backend[],
  { minRingSize, maxRingSize, hash }: Pick<EnvoyRingHashOptions, 'minRingSize' | 'maxRingSize' | 'hash'>,
): WideRing {
  const hashOf = textHashes[hash];
  return new WideRing(backends, envoyPointCounts(backends, minRingSize, maxRingSize), (place, i, into) =>
    hashOf(`${backends[place]?.id ?? ''}_${i}`, into),
  );
}

/**
 * The owner of the first point at or after the key's hash whose backend is eligible: Envoy's attempts are steps around the ring, and
 * here each backend that is not eligible costs an attempt. Then the bound on load, if there is one.
 */
class EnvoyRingHash implements Balancer {
  readonly #options: EnvoyRingHashOptions;
  readonly #bound: EnvoyBoundedLoad;
  readonly #table = new HashedTable();
  readonly #hash = new Word64();
  #ring = new WideRing([], [], () => {});

  constructor(chosen: EnvoyRingHashOptions) {
    this.#options = chosen;
    this.#bound = new EnvoyBoundedLoad(chosen.hashBalanceFactor);
  }

  update(backends: readonly Backend[]): void {
    if (this.#table.update(backends)) this.#ring = envoyRing(this.#table.backends, this.#options);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const hash = textHashes.xxh64(request.key, this.#hash);
    const { owners } = this.#ring;
    const position = this.#table.walk(owners, this.#ring.successor(hash));
    return this.#bound.choose(this.#table.at(owners[position] ?? -1) ?? first, hash, eligible);
  }

  onDone(): void {
    // Loads are read off the backends.
  }
}

export const envoyRingHash: BalancerDefinition<EnvoyRingHashOptions> = {
  name: 'envoy-ring-hash',
  summary:
    'Consistent hashing as Envoy does it: a ring of 1,024 points in all, and a bound on load where one is asked for.',
  source: 'Envoy, ring_hash_lb.cc (RING_HASH) and thread_aware_lb_impl.cc for hashBalanceFactor; bit-exact.',
  complexity:
    'Pick O(eligible + log p + backends / eligible) for p points, 1,024 or one a backend by default; memory O(p); update O(p log p).',
  weakness:
    'The ring’s size is fixed in all: beyond 1,024 equal backends each has one point, and the shares are as uneven as chance.',
  options,
  create: (_context, chosen) => {
    const { minRingSize, maxRingSize } = chosen;
    if (minRingSize <= maxRingSize) return new EnvoyRingHash(chosen);
    throw new AlgorithmError({
      family: 'balancer',
      algorithm: 'envoy-ring-hash',
      path: 'options.minRingSize',
      found: minRingSize,
      accepted: `at most maxRingSize, ${maxRingSize}`,
    });
  },
};
