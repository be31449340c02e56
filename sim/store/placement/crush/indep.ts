import { type CrushBucket, type CrushType, noItem } from './crush-map.ts';
import { type CrushSearch, Descent, isAmong, isOut } from './descent.ts';

/** Not chosen yet. */
const undecided = 0x7ffffffe;

/**
 * Chooses `places` distinct items below one bucket, each for its place alone: one that can't be had leaves a hole, and no other
 * moves for it. All places are tried once before any is tried again. That is what erasure codes need, where place i holds piece i.
 *
 * Source: Ceph, `crush_choose_indep`.
 */
export class Indep {
  readonly #search: CrushSearch;
  readonly #top = new Descent();
  readonly #below = new Descent();

  constructor(search: CrushSearch) {
    this.#search = search;
  }

  /** @param stride - How many replicas the rule is asked for, though fewer places may be left: so much r grows at each new try. */
  choose(
    bucket: CrushBucket,
    type: CrushType,
    places: number,
    stride: number,
    out: Int32Array,
    leaves: Int32Array | undefined,
    base: number,
  ): void {
    this.#fill(this.#top, bucket, type, base, base + places, 0, stride, 0, this.#search.tries, out, leaves);
  }

  /** @param first - Number of the replica at place `from`. */
  #fill(
    descent: Descent,
    bucket: CrushBucket,
    type: CrushType,
    from: number,
    to: number,
    first: number,
    stride: number,
    parentR: number,
    tries: number,
    out: Int32Array,
    leaves: Int32Array | undefined,
  ): void {
    out.fill(undecided, from, to);
    leaves?.fill(undecided, from, to);
    let left = to - from;
    for (let failures = 0; left > 0 && failures < tries; failures++) {
      for (let at = from; at < to; at++) {
        if (out[at] !== undecided) continue;
        const r = first + (at - from) + parentR + stride * failures;
        const item = this.#find(descent, bucket, type, r, from, to, at, stride, out, leaves);
        if (item === undecided) continue;
        out[at] = item;
        if (item === noItem) leaves?.fill(noItem, at, at + 1);
        left--;
      }
    }
    for (let at = from; at < to; at++) {
      if (out[at] === undecided) out[at] = noItem;
      if (leaves !== undefined && leaves[at] === undecided) leaves[at] = noItem;
    }
  }

  /** The item for one place; `noItem` if there can be none, undecided if the draw failed and another may not. */
  #find(
    descent: Descent,
    top: CrushBucket,
    type: CrushType,
    r: number,
    from: number,
    to: number,
    at: number,
    stride: number,
    out: Int32Array,
    leaves: Int32Array | undefined,
  ): number {
    let bucket = top;
    for (;;) {
      if (bucket.items.length === 0) return undecided;
      const drawn = descent.draw(bucket, this.#search, r, type);
      if (drawn === 'astray') return noItem;
      const { item, bucket: below } = descent;
      if (drawn === 'above' && below !== undefined) {
        bucket = below;
        continue;
      }
      if (isAmong(out, from, to, item)) return undecided;
      if (below === undefined) {
        if (leaves !== undefined) leaves[at] = item;
        return isOut(this.#search, item) ? undecided : item;
      }
      if (leaves === undefined) return item;
      const place = at - from;
      this.#fill(this.#below, below, 0, at, at + 1, place, stride, r, this.#search.leafTries, leaves, undefined);
      return leaves[at] === noItem ? undecided : item;
    }
  }
}
