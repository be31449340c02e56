import { z } from 'zod';
import { md5 } from '../../hash/md5.ts';
import { writeUtf8 } from '../../hash.ts';
import { HashRing } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { HashedTable } from './hashed-table.ts';

const options = z.strictObject({
  virtualNodes: z
    .int()
    .min(4)
    .max(10_000)
    .multipleOf(4)
    .default(160)
    .describe('Points of a backend of mean weight, four a digest; libketama has 160.'),
});

/** Options of the balancer `ketama`. */
export type KetamaOptions = z.infer<typeof options>;

const digest = new Uint32Array(4);
let scratch = new Uint8Array(4096);

function md5Of(text: string): void {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 6);
  md5(scratch, writeUtf8(text, scratch), digest);
}

/** Where a key stands on the continuum: the first word of its digest. */
export function ketamaHash(key: string): number {
  md5Of(key);
  return digest[0] ?? 0;
}

/**
 * How many digests, of four points each, a backend has. Counted in single precision as in C, without which some weights get one
 * digest more or fewer: of 61 equal servers each has 39, not 40.
 */
export function ketamaDigests(weight: number, totalWeight: number, backends: number, virtualNodes: number): number {
  const share = Math.fround(Math.fround(weight) / Math.fround(totalWeight));
  return Math.floor(Math.fround(share * (virtualNodes / 4) * backends));
}

/** libketama's continuum: four points of each MD5 digest of `<id>-<k>`. */
export function ketamaRing(backends: readonly Backend[], virtualNodes: number): HashRing<Backend> {
  const totalWeight = backends.reduce((sum, { weight }) => sum + weight, 0);
  return new HashRing(backends, ({ id, weight }) =>
    Array.from({ length: ketamaDigests(weight, totalWeight, backends.length, virtualNodes) }).flatMap((_, k) => {
      md5Of(`${id}-${k}`);
      return Array.from(digest);
    }),
  );
}

/**
 * The owner of the first point clockwise from the key's whose backend is eligible; with all of the table eligible, exactly
 * libketama's. A backend with too small a weight to have a point is picked only where nobody else is left.
 */
class Ketama implements Balancer {
  readonly #virtualNodes: number;
  readonly #table = new HashedTable();
  #ring = new HashRing<Backend>([], () => []);

  constructor(virtualNodes: number) {
    this.#virtualNodes = virtualNodes;
  }

  update(backends: readonly Backend[]): void {
    if (this.#table.update(backends)) this.#ring = ketamaRing(this.#table.backends, this.#virtualNodes);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const { owners } = this.#ring;
    const position = this.#table.walk(owners, this.#ring.successor(ketamaHash(request.key)));
    return this.#table.at(owners[position] ?? -1) ?? first;
  }

  onDone(): void {
    // The ring knows nothing of load.
  }
}

export const ketama: BalancerDefinition<KetamaOptions> = {
  name: 'ketama',
  summary: 'Consistent hashing with the continuum that memcached clients share: MD5, four points a digest.',
  source: 'R. Jones, libketama (Last.fm, 2007), ketama.c; bit-exact.',
  complexity:
    'Pick O(eligible + backends / eligible) expected, and an MD5; memory O(backends × virtualNodes); update O(p log p) for that many points.',
  weakness:
    'Blind to load; MD5 costs more than the look-up; rounds down to whole digests, so a weight of less than 1/40 of the mean gets nothing.',
  options,
  create: (_context, chosen) => new Ketama(chosen.virtualNodes),
};
