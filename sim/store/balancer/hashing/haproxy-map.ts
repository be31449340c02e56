import { z } from 'zod';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { fullHash, haproxyHashes } from '../hash/haproxy.ts';
import { HashedTable } from './hashed-table.ts';
import { wholeWeights } from './whole-weights.ts';

const options = z.strictObject({
  hash: z.enum(['sdbm', 'djb2', 'wt6', 'crc32']).default('sdbm').describe('How keys are hashed.'),
  avalanche: z.boolean().default(false).describe('Whether the hash is mixed once more.'),
});

/** Options of the balancer `haproxy-map`. */
export type HaproxyMapOptions = z.infer<typeof options>;

/** HAProxy's static map: as many slots as the weights, divided by their greatest common divisor, sum up to; evenly interleaved. */
export function haproxyMap(weights: readonly number[]): Int32Array {
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const parts = weights.map((weight) => weight / divisor);
  const total = parts.reduce((sum, part) => sum + part, 0);
  const scores = new Float64Array(parts.length);
  return Int32Array.from({ length: total }, () => {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    parts.forEach((part, place) => {
      const score = (scores[place] ?? 0) + part;
      scores[place] = score;
      const rounds = Math.floor((score + total) / total);
      if (rounds <= most) return;
      most = rounds;
      best = place;
    });
    scores[best] = (scores[best] ?? 0) - total;
    return best;
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The backend of the first slot at or after the key's, modulo the size of the map, whose backend is eligible. HAProxy makes a new map when a
 * server goes down, which moves nearly all keys; here who is eligible differs from key to key, and only its own keys move.
 */
class HaproxyMap implements Balancer {
  readonly #options: HaproxyMapOptions;
  readonly #table = new HashedTable();
  #map: Int32Array = new Int32Array(0);

  constructor(chosen: HaproxyMapOptions) {
    this.#options = chosen;
  }

  update(backends: readonly Backend[]): void {
    if (this.#table.update(backends)) this.#map = haproxyMap(wholeWeights(this.#table.backends));
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const { hash, avalanche } = this.#options;
    const raw = haproxyHashes[hash](request.key);
    const position = this.#table.walk(this.#map, (avalanche ? fullHash(raw) : raw) % this.#map.length);
    return this.#table.at(this.#map[position] ?? -1) ?? first;
  }

  onDone(): void {
    // The map knows nothing of load.
  }
}

export const haproxyMapBased: BalancerDefinition<HaproxyMapOptions> = {
  name: 'haproxy-map',
  summary: 'Hash modulo a map of slots in which backends are interleaved by weight.',
  source: 'HAProxy 2.6, lb_map.c, `hash-type map-based`; bit-exact for whole weights up to 256.',
  complexity:
    'Pick O(eligible + backends / eligible) expected; memory O(total weight); update O(backends × total weight).',
  weakness: 'A change of the table moves nearly every key; a slow update where weights have no common divisor.',
  options,
  create: (_context, chosen) => new HaproxyMap(chosen),
};
