import { z } from 'zod';

/** The option of placements whose buckets are the numbers of the nodes. */
export const firstNumber = z
  .int()
  .min(0)
  .default(1)
  .describe(
    'The number at the end of the id of the node that has bucket 0: nodes keep their bucket whoever else joins or leaves.',
  );

/** For each bucket up to the last one that has a node, the place of its node in the list; −1 where it has none. */
export function placesOf(buckets: readonly number[]): Int32Array {
  const last = buckets.reduce((most, bucket) => Math.max(most, bucket), 0);
  const places = new Int32Array(last + 1).fill(-1);
  buckets.forEach((bucket, place) => {
    places[bucket] = place;
  });
  return places;
}

/**
 * The buckets among `places` without a node, from the last one down: the order in which they count as removed.
 * Any order would do as long as all who know the same nodes agree on it.
 */
export function vacantBuckets(places: Int32Array): readonly number[] {
  const vacant: number[] = [];
  for (let bucket = places.length - 1; bucket >= 0; bucket--) if (places[bucket] === -1) vacant.push(bucket);
  return vacant;
}
