import type { CrushBucket, CrushType } from './crush-map.ts';
import { type CrushSearch, Descent, isAmong, isOut } from './descent.ts';

/**
 * Chooses up to `count` distinct items below one bucket, and where `leaves` are sought a device below each. One that can't be had
 * is left out, and those behind it move up: right for replicas, any of which is as good as another.
 *
 * Source: Ceph, `crush_choose_firstn`.
 */
export class Firstn {
  readonly #search: CrushSearch;
  readonly #top = new Descent();
  readonly #below = new Descent();

  constructor(search: CrushSearch) {
    this.#search = search;
  }

  /**
   * @param space - How many fit behind `base` in `out` and in `leaves`.
   * @returns how many were found.
   */
  choose(
    bucket: CrushBucket,
    type: CrushType,
    count: number,
    out: Int32Array,
    leaves: Int32Array | undefined,
    base: number,
    space: number,
  ): number {
    let found = 0;
    for (let replica = 0; replica < count && found < space; replica++) {
      if (this.#find(this.#top, bucket, type, replica, this.#search.tries, out, leaves, base, found)) found++;
    }
    return found;
  }

  /** Puts replica number `replica` behind the `found` first ones; false if no try had one. */
  #find(
    descent: Descent,
    bucket: CrushBucket,
    type: CrushType,
    replica: number,
    tries: number,
    out: Int32Array,
    leaves: Int32Array | undefined,
    base: number,
    found: number,
  ): boolean {
    let from = bucket;
    let failures = 0;
    let localFailures = 0;
    for (;;) {
      const r = replica + failures;
      let collides = false;
      if (from.items.length > 0) {
        const drawn = descent.draw(from, this.#search, r, type);
        if (drawn === 'astray') return false;
        const { item, bucket: below } = descent;
        if (drawn === 'above' && below !== undefined) {
          from = below;
          continue;
        }
        collides = isAmong(out, base, base + found, item);
        if (!collides && this.#isGood(item, below, r, leaves, base, found)) {
          out[base + found] = item;
          return true;
        }
      }
      failures++;
      localFailures++;
      if (collides && localFailures <= this.#search.localTries) continue;
      if (failures >= tries) return false;
      from = bucket;
      localFailures = 0;
    }
  }

  #isGood(
    item: number,
    below: CrushBucket | undefined,
    r: number,
    leaves: Int32Array | undefined,
    base: number,
    found: number,
  ): boolean {
    if (below === undefined) {
      if (leaves !== undefined) leaves[base + found] = item;
      return !isOut(this.#search, item);
    }
    return leaves === undefined || this.#findLeaf(below, r, leaves, base, found);
  }

  /** Searches one device below a chosen bucket. */
  #findLeaf(below: CrushBucket, r: number, leaves: Int32Array, base: number, found: number): boolean {
    const { varyR, stable, leafTries } = this.#search;
    const start = (varyR > 0 ? r >> (varyR - 1) : 0) + (stable ? 0 : found);
    return this.#find(this.#below, below, 0, start, leafTries, leaves, undefined, base, found);
  }
}
