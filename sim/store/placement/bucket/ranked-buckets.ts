import { z } from 'zod';
import type { AlgorithmInfo } from '../../algorithm.ts';
import type { Word64 } from '../../hash/word64.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import type { PlacementDefinition } from '../placement.ts';
import { byName } from './bucket-numbers.ts';
import { placementByHash } from './owners-by-hash.ts';

const options = z.strictObject({ unequalWeights });

/** Options of the placements that know buckets by their count alone. */
export type RankedBucketOptions = z.infer<typeof options>;

/** What all of them suffer from, for their `weakness`. */
export const lastInFirstOut =
  'Buckets are the nodes in the order of their names: only the last one joins or leaves cheaply; as another leaves, all behind it move up and most of their data moves.';

/**
 * A placement by a function from a hash and the number of buckets to a bucket, which knows no names: the buckets are
 * numbered by the nodes' places in the order of their names (`byName`). A join at the end is as cheap as the source
 * promises. There is no memory of who joined when, so that a node that leaves from the middle renumbers all behind it.
 *
 * @param bucketOf - Bucket of a hash, 0 to `buckets` − 1; `buckets` is 1 or more.
 */
export function rankedBuckets(
  info: AlgorithmInfo,
  bucketOf: (hash: Word64, buckets: number) => number,
): PlacementDefinition<RankedBucketOptions> {
  return {
    ...info,
    options,
    create: (nodes, chosen) => {
      checkEqualWeights(info.name, nodes, chosen.unequalWeights);
      const ranked = byName(nodes);
      return placementByHash(ranked, (hash) => bucketOf(hash, ranked.length));
    },
  };
}
