import type { NodeId } from '../../host.ts';
import { AlgorithmError, type AlgorithmRegistry, findAlgorithm, parseOptions, registryOf } from '../algorithm.ts';
import type { Placement, PlacementDefinition, PlacementNode } from './placement.ts';
import { ring } from './ring.ts';
import { weightedRendezvous } from './weighted-rendezvous.ts';

/** The shipped placements by name. */
export const placements: AlgorithmRegistry<readonly PlacementNode[], Placement> = registryOf<
  readonly PlacementNode[],
  Placement
>([ring, weightedRendezvous]);

/**
 * Builds the placement of a set of nodes from a name or a definition of the user's own.
 *
 * @param options - As they stand in the scenario; undefined for the defaults.
 * @throws AlgorithmError for an unknown name, a refused option, an empty set, a duplicate id or a weight that is
 * no finite number above 0.
 */
export function createPlacement(
  choice: string | PlacementDefinition<unknown>,
  options: unknown,
  nodes: readonly PlacementNode[],
): Placement {
  const definition = findAlgorithm('placement', placements, choice);
  const parsed = parseOptions('placement', definition, options);
  checkNodes(definition.name, nodes);
  return definition.create(nodes, parsed);
}

function checkNodes(algorithm: string, nodes: readonly PlacementNode[]): void {
  const about = { family: 'placement', algorithm };
  if (nodes.length === 0)
    throw new AlgorithmError({ ...about, path: 'nodes', found: nodes.length, accepted: 'at least one' });
  const ids = new Set<NodeId>();
  for (const { id, weight } of nodes) {
    if (ids.has(id)) throw new AlgorithmError({ ...about, path: 'nodes: id', found: id, accepted: 'each id once' });
    ids.add(id);
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new AlgorithmError({
        ...about,
        path: `node ${id}: weight`,
        found: weight,
        accepted: 'a finite number above 0',
      });
    }
  }
}
