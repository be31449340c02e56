import { z } from 'zod';
import { murmur3, murmur3Word } from '../../hash.ts';
import { compareIds, HashRing, pointCount } from '../hash-ring.ts';
import type { PlacementDefinition, PlacementNode } from '../placement.ts';
import { placementByRing } from './ring-walk.ts';

const options = z.strictObject({
  virtualNodes: z
    .int()
    .min(1)
    .max(10_000)
    .default(160)
    .describe('Points on the ring of a node of unit weight; more even out the shares by their square root.'),
  unitWeight: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Weight that has virtualNodes points; null: the mean of the nodes, with which a join of another weight moves a few points of all.',
    ),
});

/** Options of the placement `ring`. */
export type RingOptions = z.infer<typeof options>;

/** Keeps the points of partitions apart from those of nodes. */
const partitionSeed = murmur3('partition');

function points(node: PlacementNode, unitWeight: number, virtualNodes: number): Uint32Array {
  const found = new Uint32Array(pointCount(node.weight, unitWeight, virtualNodes));
  for (let replica = 0; replica < found.length; replica++) found[replica] = murmur3(node.id, replica);
  return found;
}

export const ring: PlacementDefinition<RingOptions> = {
  name: 'ring',
  summary:
    'Consistent hashing with virtual nodes by weight: the owners are the nodes that follow the partition on a ring.',
  source: 'D. Karger et al. (1997); G. DeCandia et al., "Dynamo" (2007), for virtual nodes and the preference list.',
  complexity: 'Look-up O(replicas) expected; memory O(p), build O(p log p) for p = nodes × virtualNodes.',
  weakness:
    'Shares differ by about 1 / √virtualNodes; a zone’s first node after a long run of other zones gets more than its share.',
  options,
  create: (nodes, { virtualNodes, unitWeight }) => {
    const ordered = [...nodes].sort(compareIds);
    const unit = unitWeight ?? ordered.reduce((sum, node) => sum + node.weight, 0) / ordered.length;
    const onRing = new HashRing(ordered, (node) => points(node, unit, virtualNodes));
    return placementByRing(ordered, onRing, (partition) => murmur3Word(partition, partitionSeed));
  },
};
