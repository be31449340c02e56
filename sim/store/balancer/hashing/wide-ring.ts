import type { NodeId } from '../../../host.ts';
import { Word64 } from '../../hash/word64.ts';
import { compareIds } from '../../placement/hash-ring.ts';

/** A ring of 64-bit points. Equal points stand in the order of their owners' ids. */
export class WideRing {
  /** Owner of the point at each position, as its place among the nodes; positions ascend around the circle. */
  readonly owners: Int32Array;
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;

  /** @param write - Writes the `i`-th point of a node to `into`; asked for as many as `counts` has at the node's place. */
  constructor(
    nodes: readonly { readonly id: NodeId }[],
    counts: readonly number[],
    write: (place: number, i: number, into: Word64) => void,
  ) {
    const point = new Word64();
    const byId = nodes.map(({ id }, place) => ({ id, place })).sort(compareIds);
    const entries = byId.flatMap(({ place }, rank) =>
      Array.from({ length: counts[place] ?? 0 }, (_, i) => {
        write(place, i, point);
        return { high: point.high >>> 0, low: point.low >>> 0, place, rank };
      }),
    );
    entries.sort((a, b) => a.high - b.high || a.low - b.low || a.rank - b.rank);
    this.owners = Int32Array.from(entries, ({ place }) => place);
    this.#highs = Uint32Array.from(entries, ({ high }) => high);
    this.#lows = Uint32Array.from(entries, ({ low }) => low);
  }

  /** The point at a position, for tests. */
  pointAt(position: number): bigint {
    return new Word64().set(this.#highs[position] ?? 0, this.#lows[position] ?? 0).toBigInt();
  }

  /** Position of the first point at or after `hash`, clockwise. The ring must not be empty. */
  successor(hash: Word64): number {
    const hashHigh = hash.high >>> 0;
    const hashLow = hash.low >>> 0;
    let low = 0;
    let high = this.owners.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const pointHigh = this.#highs[middle] ?? 0;
      const isBefore = pointHigh < hashHigh || (pointHigh === hashHigh && (this.#lows[middle] ?? 0) < hashLow);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low === this.owners.length ? 0 : low;
  }
}
