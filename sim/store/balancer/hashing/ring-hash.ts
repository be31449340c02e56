import { z } from 'zod';
import { murmur3 } from '../../hash.ts';
import { HashRing, pointCount } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { HashedTable } from './hashed-table.ts';

const options = z.strictObject({ virtualNodes: virtualNodesOption() });

/** How many points a ring gets, for all balancers that have one of this kind. */
export function virtualNodesOption() {
  return z
    .int()
    .min(4)
    .max(10_000)
    .default(160)
    .describe('Points of a backend of mean weight on the ring; more even out the shares by their square root.');
}

/** Options of the balancer `ring-hash`. */
export type RingHashOptions = z.infer<typeof options>;

/** MurmurHash3 of the id, with the number of the virtual node as seed; a key stands at its `keyHash`. */
export function murmurRing(backends: readonly Backend[], virtualNodes: number): HashRing<Backend> {
  const meanWeight = backends.reduce((sum, { weight }) => sum + weight, 0) / backends.length;
  return new HashRing(backends, ({ id, weight }) =>
    Array.from({ length: pointCount(weight, meanWeight, virtualNodes) }, (_, replica) => murmur3(id, replica)),
  );
}

/** The owner of the first point clockwise from the key whose backend is eligible. */
class RingHash implements Balancer {
  readonly #virtualNodes: number;
  readonly #table = new HashedTable();
  #ring = new HashRing<Backend>([], () => []);

  constructor(virtualNodes: number) {
    this.#virtualNodes = virtualNodes;
  }

  update(backends: readonly Backend[]): void {
    if (this.#table.update(backends)) this.#ring = murmurRing(this.#table.backends, this.#virtualNodes);
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    this.#table.mark(eligible);
    const { owners } = this.#ring;
    const position = this.#table.walk(owners, this.#ring.successor(request.keyHash));
    // Where none is found, only backends of too small a weight to have a point are left.
    return this.#table.at(owners[position] ?? -1) ?? first;
  }

  onDone(): void {
    // The ring knows nothing of load.
  }
}

export const ringHash: BalancerDefinition<RingHashOptions> = {
  name: 'ring-hash',
  summary:
    'Consistent hashing: a key goes to the eligible backend that follows it on a ring, and on to the next when that one fails.',
  source: 'D. Karger et al., "Consistent hashing and random trees" (1997), with MurmurHash3 and 32-bit points.',
  complexity:
    'Pick O(eligible + backends / eligible) expected; memory O(backends × virtualNodes); update O(p log p) for p = backends × virtualNodes.',
  weakness: 'Blind to load: a hot key is one backend’s alone, and shares differ by about 1 / √virtualNodes.',
  options,
  create: (_context, chosen) => new RingHash(chosen.virtualNodes),
};
