import { z } from 'zod';
import { Word64 } from '../../hash/word64.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { textHashes } from '../hash/text-hash.ts';

const options = z.strictObject({
  hash: z.enum(['xxh64', 'fnv1a-64', 'siphash24']).default('xxh64').describe('How backends and keys are hashed.'),
});

/** Options of the balancer `rendezvous`. */
export type RendezvousOptions = z.infer<typeof options>;

/**
 * Each of the eligible has a score for the key; the highest wins, the first of equals. The score mixes the hashes of key and id by an
 * xorshift* step. Where the eligible differ in weight, the score is read as a number u in (0, 1), and the highest −weight / ln u wins,
 * which among equal weights is the same one but for the lowest bits. Nothing but the eligible counts: the table is never walked.
 */
class Rendezvous implements Balancer {
  readonly #hashOf: (text: string, into: Word64) => Word64;
  readonly #key = new Word64();
  readonly #score = new Word64();
  #highs = new Int32Array(0);
  #lows = new Int32Array(0);

  constructor(hash: RendezvousOptions['hash']) {
    this.#hashOf = textHashes[hash];
  }

  update(backends: readonly Backend[]): void {
    this.#highs = new Int32Array(backends.length);
    this.#lows = new Int32Array(backends.length);
    for (const { id, index } of backends) {
      const { high, low } = this.#hashOf(id, this.#score);
      this.#highs[index] = high;
      this.#lows[index] = low;
    }
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    let best = firstOf(eligible);
    if (eligible.length === 1) return best;
    let isWeighted = false;
    for (const { weight } of eligible) isWeighted ||= weight !== best.weight;
    this.#hashOf(request.key, this.#key);
    let bestHigh = -1;
    let bestLow = 0;
    for (const backend of eligible) {
      const score = this.#scoreOf(backend);
      let high = score.high >>> 0;
      let low = score.low >>> 0;
      if (isWeighted) {
        // 52 random bits in the middle of their interval: never 0 nor 1.
        high = backend.weight / -Math.log((high * 0x100000 + (low >>> 12) + 0.5) / 0x10000000000000);
        low = 0;
      }
      if (high < bestHigh || (high === bestHigh && low <= bestLow)) continue;
      best = backend;
      bestHigh = high;
      bestLow = low;
    }
    return best;
  }

  onDone(): void {
    // A score knows nothing of load.
  }

  /** The hashes of key and backend together, mixed by one step of S. Vigna's xorshift64*. */
  #scoreOf({ index }: Backend): Word64 {
    const score = this.#score.copy(this.#key);
    score.high ^= this.#highs[index] ?? 0;
    score.low ^= this.#lows[index] ?? 0;
    return score.xorShiftRight(12).xorShiftLeft(25).xorShiftRight(27).multiply(0x2545f491, 0x4f6cdd1d);
  }
}

export const rendezvous: BalancerDefinition<RendezvousOptions> = {
  name: 'rendezvous',
  summary: 'Highest random weight: of the eligible, the one that scores highest for the key.',
  source:
    'D. Thaler, C. Ravishankar, "Using name-based mappings to increase hit rates" (1998); scores bit-exact with go-rendezvous; weights as in C. Schindelhauer, G. Schomaker (2005).',
  complexity: 'Pick O(eligible), and a logarithm each where weights differ; memory O(backends).',
  weakness: 'Blind to load; dear where very many are eligible.',
  options,
  create: (_context, chosen) => new Rendezvous(chosen.hash),
};
