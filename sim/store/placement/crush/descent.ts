import { type CrushBucket, type CrushReweight, type CrushType, noItem } from './crush-map.ts';
import { rjenkins2 } from './rjenkins.ts';
import { straw2 } from './straw2.ts';

/** What stays the same through all searches of one step of a rule. */
export interface CrushSearch {
  /** The input: what is placed. */
  x: number;
  tries: number;
  leafTries: number;
  localTries: number;
  varyR: number;
  stable: boolean;
  reweight: CrushReweight | undefined;
}

/** How one draw ended: at an item of the wanted type, in a bucket above it, or at one that has none of that type below it. */
export type Drawn = 'arrived' | 'above' | 'astray';

/** One walk down the tree; kept and used again, so that a search allocates nothing. */
export class Descent {
  /** The item drawn last. */
  item = noItem;
  /** The bucket behind it; undefined if it is a device. */
  bucket: CrushBucket | undefined;

  /** Draws from `bucket`, which must not be empty. */
  draw(bucket: CrushBucket, search: CrushSearch, r: number, type: CrushType): Drawn {
    const place = straw2(bucket, search.x, r);
    this.item = bucket.items[place] ?? noItem;
    this.bucket = bucket.children[place];
    if ((this.bucket?.type ?? 0) === type) return 'arrived';
    return this.bucket === undefined ? 'astray' : 'above';
  }
}

/** Whether `item` stands in `out` from `from` up to, but not including, `to`. */
export function isAmong(out: Int32Array, from: number, to: number, item: number): boolean {
  for (let at = from; at < to; at++) if (out[at] === item) return true;
  return false;
}

/** Whether a device is out for this input. */
export function isOut({ x, reweight }: CrushSearch, device: number): boolean {
  const weight = reweight === undefined ? 0x10000 : reweight(device);
  if (weight >= 0x10000) return false;
  return weight === 0 || (rjenkins2(x, device) & 0xffff) >= weight;
}
