import { z } from 'zod';
import type { AttemptOutcome, Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { CRC32_START, crc32Byte, crc32Final, crc32Text } from '../hash/crc32.ts';
import { SmoothWeights } from '../turns/smooth-weights.ts';
import { HashedTable } from './hashed-table.ts';
import { wholeWeights } from './whole-weights.ts';

const options = z.strictObject({
  maxTries: z
    .int()
    .min(0)
    .max(1000)
    .default(20)
    .describe('How many backends that are not eligible are passed over before smooth weighted round robin takes over.'),
  maxFails: z
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe(
      'In that round robin, a failure lowers the effective weight by weight / maxFails; 0: failures cost nothing.',
    ),
});

/** Options of the balancer `nginx-hash`. */
export type NginxHashOptions = z.infer<typeof options>;

/**
 * Bits 16 to 30 of the key's CRC-32, modulo the total weight, counted down along the table. Where that backend is not
 * eligible, the key is hashed again behind the number of the try, and the hashes add up; after `maxTries` of them, and for an empty
 * key, the eligible take turns.
 */
class NginxHash implements Balancer {
  readonly #maxTries: number;
  readonly #table = new HashedTable();
  readonly #turns: SmoothWeights;
  /** Sum of the weights of the table up to and including each place. */
  #ends = new Float64Array(0);

  constructor(maxTries: number, maxFails: number) {
    this.#maxTries = maxTries;
    this.#turns = new SmoothWeights(maxFails);
  }

  update(backends: readonly Backend[]): void {
    this.#turns.update(backends);
    if (!this.#table.update(backends)) return;
    let end = 0;
    this.#ends = Float64Array.from(wholeWeights(this.#table.backends), (weight) => (end += weight));
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const { key } = request;
    const total = this.#ends[this.#ends.length - 1] ?? 1;
    let hash = 0;
    for (let tries = 0; key !== '' && tries <= this.#maxTries; tries++) {
      hash += tryHash(key, tries);
      const place = this.#placeOf(hash % total);
      if (this.#table.isEligible(place)) return this.#table.at(place) ?? first;
    }
    return this.#turns.step(eligible);
  }

  onDone(backend: Backend, outcome: AttemptOutcome): void {
    if (outcome === 'failed' || outcome === 'timeout') this.#turns.fail(backend.id);
  }

  /** The first place whose weights and all before it sum up to more than `at`. */
  #placeOf(at: number): number {
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** CRC-32 of the decimal number of the try, which the first one lacks, and the key; as in Cache::Memcached. */
function tryHash(key: string, tries: number): number {
  let register = CRC32_START;
  for (let digits = tries, scale = scaleOf(tries); scale > 0; scale = Math.floor(scale / 10)) {
    register = crc32Byte(register, 48 + Math.floor(digits / scale));
    digits %= scale;
  }
  return (crc32Final(crc32Text(register, key)) >>> 16) & 0x7fff;
}

/** The place value of the first digit; 0 has no digits here. */
function scaleOf(tries: number): number {
  if (tries === 0) return 0;
  let scale = 1;
  while (tries >= scale * 10) scale *= 10;
  return scale;
}

export const nginxHash: BalancerDefinition<NginxHashOptions> = {
  name: 'nginx-hash',
  summary: 'Hash modulo the total weight; a key whose backend can’t answer is hashed again, up to 20 times.',
  source: 'nginx, ngx_http_upstream_hash_module.c, directive `hash`; bit-exact for whole weights.',
  complexity: 'Pick O(tries × log backends), maxTries tries at most; memory O(backends).',
  weakness:
    'A change of the table moves nearly every key; only 32,768 hashes; with few of many backends eligible most picks end in round robin.',
  options,
  create: (_context, chosen) => new NginxHash(chosen.maxTries, chosen.maxFails),
};
