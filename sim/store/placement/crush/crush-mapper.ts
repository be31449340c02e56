import {
  type CrushBucket,
  type CrushReweight,
  type CrushRule,
  type CrushTunables,
  jewelTunables,
} from './crush-map.ts';
import type { CrushSearch } from './descent.ts';
import { Firstn } from './firstn.ts';
import { Indep } from './indep.ts';

/**
 * Runs rules over trees of straw2 buckets, bit by bit as `crushtool` does. Left out: the bucket types before straw2, and
 * `choose_local_fallback_tries`, which Ceph's own profiles have at 0 since 2013.
 *
 * Source: Ceph, `crush_do_rule`; S. Weil et al., "CRUSH: controlled, scalable, decentralized placement of replicated data" (SC 2006).
 */
export class CrushMapper {
  readonly #tunables: CrushTunables;
  /** By id, for rules that go on from the buckets of a step before. */
  readonly #buckets = new Map<number, CrushBucket>();
  readonly #search: CrushSearch;
  readonly #firstn: Firstn;
  readonly #indep: Indep;
  #taken: Int32Array;
  #chosen: Int32Array;
  #leaves: Int32Array;

  /**
   * @param roots - Buckets that rules take.
   * @param most - Largest result that will be asked for.
   */
  constructor(roots: readonly CrushBucket[], most: number, tunables: CrushTunables = jewelTunables) {
    this.#tunables = tunables;
    const { chooseLocalTries: localTries, chooseleafVaryR: varyR, chooseleafStable: stable } = tunables;
    this.#search = { x: 0, tries: 0, leafTries: 0, localTries, varyR, stable, reweight: undefined };
    this.#firstn = new Firstn(this.#search);
    this.#indep = new Indep(this.#search);
    this.#taken = new Int32Array(most);
    this.#chosen = new Int32Array(most);
    this.#leaves = new Int32Array(most);
    for (const root of roots) this.#enter(root);
  }

  #enter(bucket: CrushBucket): void {
    this.#buckets.set(bucket.id, bucket);
    for (const child of bucket.children) if (child !== undefined) this.#enter(child);
  }

  /**
   * Runs a rule for input `x` and writes its devices to the start of `result`.
   *
   * @param size - How many are asked for; at most the `most` of the constructor and the length of `result`.
   * @returns how many were written; with firstn that may be fewer than `size`, with indep holes are `noItem`.
   */
  map(rule: CrushRule, x: number, size: number, result: Int32Array, reweight?: CrushReweight): number {
    let taken = 0;
    let written = 0;
    let tries = this.#tunables.chooseTotalTries + 1;
    let leafTries = 0;
    this.#search.x = x;
    this.#search.reweight = reweight;
    for (const step of rule) {
      switch (step.op) {
        case 'take':
          this.#taken[0] = step.bucket.id;
          taken = 1;
          break;
        case 'set_choose_tries':
          tries = step.value;
          break;
        case 'set_chooseleaf_tries':
          leafTries = step.value;
          break;
        case 'emit':
          for (let at = 0; at < taken && written < size; at++) result[written++] = this.#taken[at] ?? 0;
          taken = 0;
          break;
        default: {
          const firstnLeafTries = this.#tunables.chooseleafDescendOnce ? 1 : tries;
          this.#search.tries = tries;
          this.#search.leafTries = leafTries > 0 ? leafTries : step.mode === 'indep' ? 1 : firstnLeafTries;
          const count = step.count > 0 ? step.count : size + step.count;
          taken = count > 0 ? this.#choose(step.mode, step.op === 'chooseleaf', step.type, count, taken, size) : 0;
        }
      }
    }
    return written;
  }

  /** Goes from the items taken to what is chosen below each; returns how many are taken then. */
  #choose(
    mode: 'firstn' | 'indep',
    toLeaves: boolean,
    type: number,
    count: number,
    taken: number,
    size: number,
  ): number {
    const leaves = toLeaves ? this.#leaves : undefined;
    let chosen = 0;
    for (let at = 0; at < taken; at++) {
      const bucket = this.#buckets.get(this.#taken[at] ?? 0);
      if (bucket === undefined) continue;
      const space = size - chosen;
      if (mode === 'firstn') {
        chosen += this.#firstn.choose(bucket, type, count, this.#chosen, leaves, chosen, space);
      } else {
        const places = Math.min(count, space);
        this.#indep.choose(bucket, type, places, count, this.#chosen, leaves, chosen);
        chosen += places;
      }
    }
    const before = this.#taken;
    this.#taken = toLeaves ? this.#leaves : this.#chosen;
    if (toLeaves) this.#leaves = before;
    else this.#chosen = before;
    return chosen;
  }
}
