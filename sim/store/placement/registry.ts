import type { NodeId } from '../../host.ts';
import { AlgorithmError, type AlgorithmRegistry, findAlgorithm, parseOptions, registryOf } from '../algorithm.ts';
import { anchorHash } from './bucket/anchor.ts';
import { binomialHash } from './bucket/binomial.ts';
import { dxHash } from './bucket/dx.ts';
import { flipHash } from './bucket/flip.ts';
import { jumpHash } from './bucket/jump.ts';
import { jumpBackHash } from './bucket/jump-back.ts';
import { mementoHash } from './bucket/memento.ts';
import { powerHash } from './bucket/power.ts';
import { copysets } from './copysets/copysets.ts';
import { crush } from './crush/crush.ts';
import { isEvolving } from './evolving.ts';
import { maglev } from './maglev/maglev.ts';
import { modulo } from './modulo.ts';
import type { Placement, PlacementDefinition, PlacementNode } from './placement.ts';
import { rendezvous } from './rendezvous/rendezvous.ts';
import { weightedRendezvous } from './rendezvous/weighted-rendezvous.ts';
import { ketama } from './ring/ketama.ts';
import { multiProbe } from './ring/multi-probe.ts';
import { ring } from './ring/ring.ts';
import { randomSlicing } from './slicing/random-slicing.ts';
import { swiftRing } from './swift/swift-ring.ts';
import { directory } from './tables/directory.ts';
import { hashSlots } from './tables/hash-slots.ts';

/** The shipped placements by name. */
export const placements: AlgorithmRegistry<readonly PlacementNode[], Placement> = registryOf<
  readonly PlacementNode[],
  Placement
>([
  modulo,
  ring,
  ketama,
  multiProbe,
  rendezvous,
  weightedRendezvous,
  maglev,
  jumpHash,
  jumpBackHash,
  binomialHash,
  powerHash,
  flipHash,
  anchorHash,
  dxHash,
  mementoHash,
  crush,
  randomSlicing,
  hashSlots,
  directory,
  swiftRing,
  copysets,
]);

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

/**
 * The placement after a change of membership: evolved from the one before where that remembers (`EvolvingPlacement`), else built anew.
 * Whoever evolves by the same sequence of node sets gets the same placement.
 *
 * @param before - Of the same choice and options.
 * @throws AlgorithmError as `createPlacement` does.
 */
export function evolvePlacement(
  choice: string | PlacementDefinition<unknown>,
  options: unknown,
  before: Placement,
  nodes: readonly PlacementNode[],
): Placement {
  if (!isEvolving(before)) return createPlacement(choice, options, nodes);
  checkNodes(findAlgorithm('placement', placements, choice).name, nodes);
  return before.evolve(nodes);
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
