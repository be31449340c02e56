import type { Word64 } from '../../hash/word64.ts';

/** A node's one point on the circle of unsigned 64-bit numbers. */
export interface ProbePoint {
  readonly point: Word64;
  /** The node, as a place in a list. */
  readonly place: number;
}

/**
 * Multi-probe consistent hashing: each node has one point on the circle and each key several. A node is the nearer to
 * a key the shorter the way clockwise from the nearest of the key's points before it; the nearest node owns the key.
 *
 * Source: B. Appleton, M. O'Reilly, "Multi-probe consistent hashing" (2015). Points and ties are as of go-mpchash: a node at
 * the very point of a probe is a full circle away, and the first probe wins a tie.
 */
export class ProbeRing {
  readonly #places: Int32Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  /** Position of the first point in each part of the circle, by its highest bits. */
  readonly #partStarts: Int32Array;
  readonly #partShift: number;
  /** Of each probe, where it stands: the next point clockwise that the key has not gone to, and the way there. */
  readonly #next: Int32Array;
  readonly #wayHigh: Uint32Array;
  readonly #wayLow: Uint32Array;
  readonly #probeHigh: Uint32Array;
  readonly #probeLow: Uint32Array;

  /** @param probes - Points of a key, 1 or more. */
  constructor(points: readonly ProbePoint[], probes: number) {
    const sorted = [...points].sort((a, b) => {
      if (a.point.isBelow(b.point)) return -1;
      return b.point.isBelow(a.point) ? 1 : a.place - b.place;
    });
    this.#places = Int32Array.from(sorted, ({ place }) => place);
    this.#high = Uint32Array.from(sorted, ({ point }) => point.high >>> 0);
    this.#low = Uint32Array.from(sorted, ({ point }) => point.low >>> 0);
    this.#partShift = Math.min(31, Math.clz32(sorted.length));
    this.#partStarts = partStarts(this.#high, this.#partShift);
    this.#next = new Int32Array(probes);
    this.#wayHigh = new Uint32Array(probes);
    this.#wayLow = new Uint32Array(probes);
    this.#probeHigh = new Uint32Array(probes);
    this.#probeLow = new Uint32Array(probes);
  }

  /** Puts one of a key's probes at `point`. All have to be put anew for each key. */
  probe(index: number, point: Word64): void {
    this.#probeHigh[index] = point.high;
    this.#probeLow[index] = point.low;
    this.#stand(index, this.#after(point.high >>> 0, point.low >>> 0));
  }

  /** The node that is nearest to the key of those points that it has not gone to from the same probe; one may come again. */
  nearest(): number {
    let best = 0;
    for (let probe = 1; probe < this.#next.length; probe++) {
      const high = this.#wayHigh[probe] ?? 0;
      const bestHigh = this.#wayHigh[best] ?? 0;
      if (high < bestHigh || (high === bestHigh && (this.#wayLow[probe] ?? 0) < (this.#wayLow[best] ?? 0)))
        best = probe;
    }
    const position = this.#next[best] ?? 0;
    this.#stand(best, position + 1 === this.#places.length ? 0 : position + 1);
    return this.#places[position] ?? 0;
  }

  /** Position of the first point above the number, around the circle. */
  #after(high: number, low: number): number {
    let position = this.#partStarts[high >>> this.#partShift] ?? 0;
    while (position < this.#places.length && !this.#isAbove(position, high, low)) position++;
    return position === this.#places.length ? 0 : position;
  }

  #isAbove(position: number, high: number, low: number): boolean {
    const pointHigh = this.#high[position] ?? 0;
    return pointHigh > high || (pointHigh === high && (this.#low[position] ?? 0) > low);
  }

  #stand(probe: number, position: number): void {
    const low = this.#low[position] ?? 0;
    const probeLow = this.#probeLow[probe] ?? 0;
    this.#next[probe] = position;
    this.#wayLow[probe] = low - probeLow;
    this.#wayHigh[probe] = (this.#high[position] ?? 0) - (this.#probeHigh[probe] ?? 0) - (low < probeLow ? 1 : 0);
  }
}

function partStarts(high: Uint32Array, shift: number): Int32Array {
  const starts = new Int32Array((0xffffffff >>> shift) + 1);
  let position = 0;
  for (let part = 0; part < starts.length; part++) {
    while (position < high.length && (high[position] ?? 0) >>> shift < part) position++;
    starts[part] = position;
  }
  return starts;
}
