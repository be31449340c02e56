import { z } from 'zod';
import { HashRing } from '../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, PickRequest } from './balancer.ts';
import { firstOf } from './eligible.ts';
import { type RingPoints, ringPoints } from './ring-points.ts';

const options = z.strictObject({
  virtualNodes: z
    .int()
    .min(4)
    .max(10_000)
    .default(160)
    .describe('Points of a backend of mean weight on the ring; more even out the shares by their square root.'),
  hash: z
    .enum(['murmur3', 'ketama'])
    .default('murmur3')
    .describe('How backends and keys are hashed onto the ring; ketama is libketama’s MD5 continuum, point by point.'),
});

/** Options of the balancer `ring-hash`. */
export type RingHashOptions = z.infer<typeof options>;

/** Picks are counted in 32 bits: the marks of eligible backends stay in the fastest cache. */
const maxPicks = 0x7fffffff;

/** The owner of the first point clockwise from the key whose backend is eligible. */
export class RingHash implements Balancer {
  readonly #points: RingPoints;
  readonly #virtualNodes: number;
  #backends: readonly Backend[] = [];
  #ring = new HashRing<Backend>([], () => []);
  /** Ids and weights that the ring was built from. */
  #built: readonly (readonly [string, number])[] = [];
  /** Number of the last pick in which the backend was eligible. */
  #seen = new Int32Array(0);
  #picks = 0;

  constructor(points: RingPoints, virtualNodes: number) {
    this.#points = points;
    this.#virtualNodes = virtualNodes;
  }

  update(backends: readonly Backend[]): void {
    this.#backends = [...backends].sort((a, b) => a.index - b.index);
    this.#seen = new Int32Array(backends.length);
    const changed =
      this.#built.length !== backends.length ||
      this.#backends.some(({ id, weight }, i) => id !== this.#built[i]?.[0] || weight !== this.#built[i]?.[1]);
    if (!changed) return;
    this.#built = this.#backends.map(({ id, weight }) => [id, weight]);
    const table = {
      backends: backends.length,
      totalWeight: backends.reduce((sum, backend) => sum + backend.weight, 0),
    };
    this.#ring = new HashRing(this.#backends, (backend) => this.#points.pointsOf(backend, table, this.#virtualNodes));
  }

  pick(eligible: readonly Backend[], request: PickRequest): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    const { owners, size } = this.#ring;
    const seen = this.#seen;
    if (this.#picks === maxPicks) {
      seen.fill(0);
      this.#picks = 0;
    }
    const pick = ++this.#picks;
    const anyIsEligible = eligible.length === this.#backends.length;
    if (!anyIsEligible) for (const backend of eligible) seen[backend.index] = pick;
    let position = this.#ring.successor(this.#points.keyPoint(request));
    for (let step = 0; step < size; step++) {
      const owner = owners[position] ?? 0;
      if (anyIsEligible || seen[owner] === pick) return this.#backends[owner] ?? first;
      if (++position === size) position = 0;
    }
    // Only backends of too small a weight to have a point are left.
    return first;
  }

  onDone(): void {
    // The ring knows nothing of load.
  }
}

export const ringHash: BalancerDefinition<RingHashOptions> = {
  name: 'ring-hash',
  summary:
    'Consistent hashing: a key goes to the eligible backend that follows it on a ring, and on to the next when that one fails.',
  source: 'D. Karger et al., "Consistent hashing and random trees" (1997); libketama for the option ketama.',
  complexity:
    'Pick O(eligible + backends / eligible) expected; memory O(backends × virtualNodes); update O(p log p) for p = backends × virtualNodes.',
  weakness: 'Blind to load: a hot key is one backend’s alone, and shares differ by about 1 / √virtualNodes.',
  options,
  create: (_context, chosen) => new RingHash(ringPoints[chosen.hash], chosen.virtualNodes),
};
