import { z } from 'zod';
import type { Word64 } from '../../hash/word64.ts';
import type { Backend } from '../balancer.ts';
import { MersenneTwister } from '../hash/mersenne-twister.ts';

/** The option of Envoy's hashing balancers that turns the bound on. */
export function hashBalanceFactorOption() {
  return z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .describe(
      'Requests in flight that a backend may have, in % of its share of those of all that are eligible; 0: no bound.',
    );
}

/**
 * Envoy's consistent hashing with bounded loads. It does not walk the ring: where the backend that the hash chose is overloaded, the
 * eligible are tried in an order of their own, shuffled with the hash as seed, so that the overflow of one backend does not all
 * land on its neighbour. The first one that is not overloaded is picked, or the least overloaded of all.
 *
 * Hosts, loads and weights are those of the eligible: they are what Envoy calls the healthy hosts. Like Envoy's, the bound lets in one
 * request more than its paper, for a backend that is exactly full counts as not overloaded.
 *
 * Source: Envoy, `thread_aware_lb_impl.cc`; Mirrokni et al. (2016), and J. Chen et al., "Revisiting consistent hashing with
 * bounded loads" (2019) for the jump. Cost: O(eligible), and the 624 words of a seeded Mersenne Twister where it jumps.
 */
export class EnvoyBoundedLoad {
  readonly #factor: number;
  readonly #draws = new MersenneTwister();
  #order = new Int32Array(16);

  /** @param factor - In percent; 0 never moves a pick. */
  constructor(factor: number) {
    this.#factor = factor;
  }

  /** The backend that gets the request whose `hash` chose `chosen`. */
  choose(chosen: Backend, hash: Word64, eligible: readonly Backend[]): Backend {
    if (this.#factor === 0) return chosen;
    let active = 0;
    let totalWeight = 0;
    for (const { inFlight, weight } of eligible) {
      active += inFlight;
      totalWeight += weight;
    }
    const totalSlots = Math.floor(((active + 1) * this.#factor + 99) / 100);
    let least = overload(chosen, totalSlots, totalWeight);
    if (least <= 1) return chosen;
    let leastLoaded = chosen;
    const order = this.#placesOf(eligible.length);
    this.#draws.seed(hash.low);
    for (let i = 0; i < eligible.length; i++) {
      const swap = i + this.#draws.below(eligible.length - i);
      const place = order[swap] ?? 0;
      order[swap] = order[i] ?? 0;
      order[i] = place;
      const other = eligible[place];
      if (other === undefined || other === chosen) continue;
      const load = overload(other, totalSlots, totalWeight);
      if (load <= 1) return other;
      if (load < least) {
        leastLoaded = other;
        least = load;
      }
    }
    return leastLoaded;
  }

  /** 0, 1, … `count` − 1, for shuffling. */
  #placesOf(count: number): Int32Array {
    if (this.#order.length < count) this.#order = new Int32Array(2 * count);
    for (let place = 0; place < count; place++) this.#order[place] = place;
    return this.#order;
  }
}

/** Requests in flight per slot. */
function overload({ inFlight, weight }: Backend, totalSlots: number, totalWeight: number): number {
  return inFlight / Math.max(1, Math.ceil(totalSlots * (weight / totalWeight)));
}
