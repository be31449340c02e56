import { z } from 'zod';
import { HashRing } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { CRC32_START, crc32, crc32Byte, crc32Final, crc32Text } from '../hash/crc32.ts';
import { HashedTable } from './hashed-table.ts';
import { wholeWeights } from './whole-weights.ts';

const options = z.strictObject({});

/** Options of the balancer `nginx-hash-consistent`: none. */
export type NginxHashConsistentOptions = z.infer<typeof options>;

const POINTS_PER_WEIGHT = 160;
/** What the largest of weights that are no whole numbers counts as: a step of 1/16, without a ring of millions of points. */
const LARGEST_WEIGHT = 16;

/** The points of one server: CRC-32 of host, NUL, port and the point before, in order. An id without a port has an empty one. */
export function nginxPoints(id: string, weight: number): readonly number[] {
  const [, host = id, port = ''] = /^(.*):(\d*)$/.exec(id) ?? [];
  const base = crc32Text(crc32Byte(crc32Text(CRC32_START, host), 0), port);
  let previous = 0;
  return Array.from({ length: weight * POINTS_PER_WEIGHT }, () => {
    let register = base;
    for (let shift = 0; shift < 32; shift += 8) register = crc32Byte(register, previous >>> shift);
    previous = crc32Final(register);
    return previous;
  });
}

/** The ring of a table. Of equal points the first one in nginx's order of sorting is kept; here, the one of the lesser id. */
export function nginxRing(backends: readonly Backend[]): HashRing<Backend> {
  const weights = wholeWeights(backends, LARGEST_WEIGHT);
  return new HashRing(backends, ({ id, index }) => nginxPoints(id, weights[index] ?? 1));
}

/** The owner of the first point at or after the key's CRC-32 whose backend is eligible. */
class NginxHashConsistent implements Balancer {
  readonly #table = new HashedTable();
  #ring = new HashRing<Backend>([], () => []);

  update(backends: readonly Backend[]): void {
    if (this.#table.update(backends)) this.#ring = nginxRing(this.#table.backends);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const { owners } = this.#ring;
    const position = this.#table.walk(owners, this.#ring.successor(crc32(request.key)));
    return this.#table.at(owners[position] ?? -1) ?? first;
  }

  onDone(): void {
    // The ring knows nothing of load.
  }
}

export const nginxHashConsistent: BalancerDefinition<NginxHashConsistentOptions> = {
  name: 'nginx-hash-consistent',
  summary: 'Consistent hashing as nginx does it: 160 points a unit of weight, each the CRC-32 of the one before.',
  source: 'nginx, ngx_http_upstream_hash_module.c, directive `hash … consistent`; bit-exact for whole weights.',
  complexity:
    'Pick O(eligible + backends / eligible) expected; memory O(160 × total weight); update O(p log p) for p points.',
  weakness: 'Blind to load; CRC-32 is linear, so keys and points that differ little stand in patterns.',
  options,
  create: () => new NginxHashConsistent(),
};
