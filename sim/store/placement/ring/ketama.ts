import { z } from 'zod';
import { md5 } from '../../hash/md5.ts';
import { writeUtf8 } from '../../hash.ts';
import { compareIds, HashRing } from '../hash-ring.ts';
import type { PlacementDefinition } from '../placement.ts';
import { placementByRing } from './ring-walk.ts';

const pointsPerDigest = 4;
const digest = new Uint32Array(pointsPerDigest);
let scratch = new Uint8Array(4096);

function digestOf(text: string): void {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 6);
  md5(scratch, writeUtf8(text, scratch), digest);
}

/** What a node's number of points is a share of. */
export interface KetamaCluster {
  readonly nodes: number;
  readonly totalWeight: number;
  /** Points of a node of mean weight, four a digest. */
  readonly virtualNodes: number;
}

/**
 * The points of one node in libketama's continuum: four of each MD5 digest of `<id>-<k>`. The number of digests is computed
 * with its single-precision steps, without which some weights get one digest more or fewer.
 *
 * Source: R. Jones, libketama, `ketama.c` (2007).
 */
export function* ketamaPoints(id: string, weight: number, cluster: KetamaCluster): Generator<number> {
  const share = Math.fround(Math.fround(weight) / Math.fround(cluster.totalWeight));
  const digests = Math.floor(Math.fround(share * (cluster.virtualNodes / pointsPerDigest) * cluster.nodes));
  for (let k = 0; k < digests; k++) {
    digestOf(`${id}-${k}`);
    yield* Array.from(digest);
  }
}

/** The point of a key in libketama's continuum: the first word of its MD5 digest. */
export function ketamaPoint(key: string): number {
  digestOf(key);
  return digest[0] ?? 0;
}

const options = z.strictObject({
  virtualNodes: z
    .int()
    .min(4)
    .max(10_000)
    .multipleOf(4)
    .default(160)
    .describe('Points on the ring of a node of mean weight, a multiple of four.'),
});

/** Options of the placement `ketama`. */
export type KetamaOptions = z.infer<typeof options>;

export const ketama: PlacementDefinition<KetamaOptions> = {
  name: 'ketama',
  summary: 'The ring of libketama, point by point: what memcached’s clients agree on.',
  source: 'R. Jones, libketama (2007); a partition’s key is its number in decimal.',
  complexity: 'Look-up O(replicas) expected after one MD5; memory O(p), build O(p log p) for p = nodes × virtualNodes.',
  weakness:
    'As the ring; points are a share of all weight, so that a join of another weight takes or gives a few points of all, and a node of too little weight has none.',
  options,
  create: (nodes, { virtualNodes }) => {
    const ordered = [...nodes].sort(compareIds);
    const totalWeight = ordered.reduce((sum, node) => sum + node.weight, 0);
    const cluster = { nodes: ordered.length, totalWeight, virtualNodes };
    const ring = new HashRing(ordered, ({ id, weight }) => ketamaPoints(id, weight, cluster));
    return placementByRing(ordered, ring, (partition) => ketamaPoint(String(partition)));
  },
};
