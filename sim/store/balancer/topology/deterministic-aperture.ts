import { z } from 'zod';
import type { RandomStream } from '../../../host.ts';
import { murmur3 } from '../../hash.ts';
import { compareIds } from '../../placement/hash-ring.ts';
import type { Backend, Balancer, BalancerDefinition, GatewaySeat } from '../balancer.ts';
import { firstOf } from '../eligible.ts';
import { apertureShares } from './aperture.ts';

const options = z.strictObject({
  minAperture: z
    .int()
    .min(1)
    .max(100_000)
    .default(12)
    .describe('Backends that a gateway talks to at least; rounded up so that all backends are in as many apertures.'),
});

/** Options of the balancer `deterministic-aperture`. */
export type DeterministicApertureOptions = z.infer<typeof options>;

/** Shares that differ by less are the same. */
const SAME = 1e-4;

/**
 * The less loaded of two of the eligible, drawn without replacement in proportion to how much of each lies within this gateway's
 * aperture; load counts in proportion to that too. Among equals, the one drawn first. Where none of the eligible lies within it, all
 * of them are drawn alike, for a request must go to a node that has its block.
 */
class DeterministicAperture implements Balancer {
  readonly #random: RandomStream;
  readonly #seat: Pick<GatewaySeat, 'position' | 'zones'>;
  readonly #minAperture: number;
  /** By place in the table. */
  #shares = new Float64Array(0);

  constructor(random: RandomStream, seat: Pick<GatewaySeat, 'position' | 'zones'>, minAperture: number) {
    this.#random = random;
    this.#seat = seat;
    this.#minAperture = minAperture;
  }

  update(backends: readonly Backend[]): void {
    this.#shares = new Float64Array(backends.length);
    if (backends.length === 0) return;
    // Hashed, so that neighbours on the circle have nothing else in common.
    const inOrder = backends.map(({ id, index }) => ({ id, index, hash: murmur3(id) }));
    inOrder.sort((a, b) => a.hash - b.hash || compareIds(a, b));
    const { position, zones } = this.#seat;
    apertureShares(backends.length, position, zones.length, this.#minAperture).forEach((share, place) => {
      const index = inOrder[place]?.index;
      if (index !== undefined) this.#shares[index] = share;
    });
  }

  pick(eligible: readonly Backend[]): Backend {
    const first = firstOf(eligible);
    if (eligible.length === 1) return first;
    let total = 0;
    for (const { index } of eligible) total += this.#shares[index] ?? 0;
    const isInside = total > 0;
    const one = this.#draw(eligible, isInside, isInside ? total : eligible.length, undefined) ?? first;
    const rest = isInside ? total - this.#shareOf(one, true) : eligible.length - 1;
    const other = this.#draw(eligible, isInside, rest, one);
    if (other === undefined) return one;
    const oneShare = this.#shareOf(one, isInside);
    const otherShare = this.#shareOf(other, isInside);
    if (Math.abs(oneShare - otherShare) < SAME) return one.inFlight <= other.inFlight ? one : other;
    return one.inFlight / oneShare <= other.inFlight / otherShare ? one : other;
  }

  onDone(): void {
    // Loads are read off the backends.
  }

  #shareOf({ index }: Backend, isInside: boolean): number {
    return isInside ? (this.#shares[index] ?? 0) : 1;
  }

  /** One of the eligible but `taken`, by share; undefined if nobody else has any. */
  #draw(
    eligible: readonly Backend[],
    isInside: boolean,
    total: number,
    taken: Backend | undefined,
  ): Backend | undefined {
    let drawn = this.#random.next() * total;
    let last: Backend | undefined;
    for (const backend of eligible) {
      const share = this.#shareOf(backend, isInside);
      if (backend === taken || share === 0) continue;
      last = backend;
      drawn -= share;
      if (drawn < 0) return backend;
    }
    return last;
  }
}

export const deterministicAperture: BalancerDefinition<DeterministicApertureOptions> = {
  name: 'deterministic-aperture',
  summary:
    'Each gateway talks to an arc of the backends only, and takes the less loaded of two drawn from it; the arcs of all cover every backend equally.',
  source: 'Twitter, Finagle: DeterministicAperture.scala, Ring.scala, WeightedP2CPick.scala.',
  complexity: 'Pick O(eligible); memory O(backends); update O(backends log backends).',
  weakness:
    'Blind to weight; shifts when gateways come or go; with few replicas, many requests find none within the arc and go beyond it.',
  options,
  create: (context, chosen) =>
    new DeterministicAperture(context.random, context.seat ?? { position: 0, zones: [''] }, chosen.minAperture),
};
