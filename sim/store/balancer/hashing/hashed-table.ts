import type { Backend } from '../balancer.ts';

/** Picks are counted in 32 bits: the marks of eligible backends stay in the fastest cache. */
const maxPicks = 0x7fffffff;

/**
 * The table that a lookup structure was built from, and which of its backends the present pick may choose.
 *
 * A hash maps a key to places in the *whole* table, so that keys stay where they are whoever else is eligible; a pick then walks
 * the structure in its own order until a place is eligible. With r of n backends eligible, that takes about n / r steps.
 */
export class HashedTable {
  #backends: readonly Backend[] = [];
  /** Ids and weights that the structure was built from. */
  #built: readonly (readonly [string, number])[] = [];
  /** Number of the last pick in which the backend was eligible. */
  #seen = new Int32Array(0);
  #picks = 0;
  #anyIsEligible = true;

  /** In the order of their places. */
  get backends(): readonly Backend[] {
    return this.#backends;
  }

  /** Takes over a table, and says whether the structure must be built anew: are ids or weights other than they were? */
  update(backends: readonly Backend[]): boolean {
    this.#backends = [...backends].sort((a, b) => a.index - b.index);
    this.#seen = new Int32Array(backends.length);
    this.#picks = 0;
    const isSame =
      this.#built.length === backends.length &&
      this.#backends.every(({ id, weight }, i) => id === this.#built[i]?.[0] && weight === this.#built[i]?.[1]);
    if (isSame) return false;
    this.#built = this.#backends.map(({ id, weight }) => [id, weight]);
    return true;
  }

  /** Begins a pick among `eligible`. */
  mark(eligible: readonly Backend[]): void {
    this.#anyIsEligible = eligible.length === this.#backends.length;
    if (this.#anyIsEligible) return;
    if (this.#picks === maxPicks) {
      this.#seen.fill(0);
      this.#picks = 0;
    }
    const pick = ++this.#picks;
    for (let i = 0; i < eligible.length; i++) this.#seen[eligible[i]?.index ?? 0] = pick;
  }

  /** May the present pick choose the backend at this place of the table? */
  isEligible(place: number): boolean {
    return this.#anyIsEligible || this.#seen[place] === this.#picks;
  }

  /** The backend at this place of the table. */
  at(place: number): Backend | undefined {
    return this.#backends[place];
  }

  /**
   * The position of the first eligible owner at or after `position`, clockwise; -1 if none of `owners` is eligible.
   *
   * @param owners - Places of the table, around a circle.
   */
  walk(owners: Int32Array, position: number): number {
    const size = owners.length;
    let at = position;
    for (let step = 0; step < size; step++) {
      if (this.isEligible(owners[at] ?? 0)) return at;
      if (++at === size) at = 0;
    }
    return -1;
  }
}
