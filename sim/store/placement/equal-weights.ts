import { z } from 'zod';
import { AlgorithmError } from '../algorithm.ts';
import type { PlacementNode } from './placement.ts';

/** The option of placements that know no weights. */
export const unequalWeights = z
  .enum(['refuse', 'ignore'])
  .default('refuse')
  .describe(
    'What to do where nodes differ in weight, which the algorithm does not know: refuse, or give all equal shares.',
  );

/**
 * Refuses nodes of different weights.
 *
 * @throws AlgorithmError that names the first node whose weight is another than that of the first of all.
 */
export function checkEqualWeights(
  algorithm: string,
  nodes: readonly PlacementNode[],
  choice: z.infer<typeof unequalWeights>,
): void {
  const weight = nodes[0]?.weight;
  const other = choice === 'refuse' ? nodes.find((node) => node.weight !== weight) : undefined;
  if (other === undefined) return;
  throw new AlgorithmError({
    family: 'placement',
    algorithm,
    path: `node ${other.id}: weight`,
    found: other.weight,
    accepted: `${weight}, as of the other nodes: the algorithm knows no weights (unequalWeights: ignore gives all equal shares)`,
  });
}
