/** The tree and the knobs of CRUSH, in the words of Ceph's crush maps. */

/** A level of the tree; 0 is a device, and what stands higher up has a larger number. */
export type CrushType = number;

/** An inner node of the tree: a host, a rack, a zone, the root. */
export interface CrushBucket {
  /** Below 0, unlike those of devices. */
  readonly id: number;
  readonly type: CrushType;
  /** Ids of its members: devices from 0 up, buckets below 0. */
  readonly items: Int32Array;
  /** 16.16 fixed point: 65,536 is a weight of 1; 0 is never chosen. */
  readonly weights: Float64Array;
  /** The bucket behind each item; undefined for a device. */
  readonly children: readonly (CrushBucket | undefined)[];
}

/** How a choice is tried again where it fell on what is taken already or out. Defaults: Ceph's `jewel` profile, today's own. */
export interface CrushTunables {
  /** Tries again from the top, for each replica. */
  readonly chooseTotalTries: number;
  /** Tries again in the same bucket after a collision; 0 since Ceph's `bobtail` profile. */
  readonly chooseLocalTries: number;
  /** A leaf that can't be had sends the search back to the top at once, and isn't sought again and again in its bucket. */
  readonly chooseleafDescendOnce: boolean;
  /** Above 0, the search for a leaf starts with the replica's number shifted right by one less than this. */
  readonly chooseleafVaryR: number;
  /** A leaf doesn't depend on its place in the result, so that a lost replica shifts none of those behind it. */
  readonly chooseleafStable: boolean;
}

/** Ceph's `jewel` profile. */
export const jewelTunables: CrushTunables = {
  chooseTotalTries: 50,
  chooseLocalTries: 0,
  chooseleafDescendOnce: true,
  chooseleafVaryR: 1,
  chooseleafStable: true,
};

/** One step of a rule. */
export type CrushStep =
  | { readonly op: 'take'; readonly bucket: CrushBucket }
  | {
      /** `chooseleaf` goes on from each chosen bucket to one device below it. */
      readonly op: 'choose' | 'chooseleaf';
      /** `indep` keeps each replica at its place and leaves a hole for one that can't be had; erasure codes need that. */
      readonly mode: 'firstn' | 'indep';
      /** How many under each bucket taken; 0 or less: so many fewer than the rule is asked for. */
      readonly count: number;
      readonly type: CrushType;
    }
  | { readonly op: 'set_choose_tries'; readonly value: number }
  | { readonly op: 'set_chooseleaf_tries'; readonly value: number }
  | { readonly op: 'emit' };

/** What leads from the root to devices. */
export type CrushRule = readonly CrushStep[];

/** A hole in the result of an `indep` step. */
export const noItem = 0x7fffffff;

/**
 * Whether a device is in, as 16.16 fixed point: from 65,536 on always, at 0 never, else for that share of the inputs. Ceph calls it
 * the reweight; unlike the weight in the tree it changes nobody else's draw.
 */
export type CrushReweight = (device: number) => number;
