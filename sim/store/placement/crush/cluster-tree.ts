import { AlgorithmError } from '../../algorithm.ts';
import { murmur3 } from '../../hash.ts';
import type { PlacementNode } from '../placement.ts';
import type { CrushBucket } from './crush-map.ts';

/** Types of the tree's levels, from the devices up. */
export const crushTypes = { device: 0, host: 1, rack: 2, zone: 3, root: 4 } as const;

/** A cluster as CRUSH sees it. */
export interface ClusterTree {
  readonly root: CrushBucket;
  /** Place of each device in the list of nodes, by the device's number. */
  readonly places: ReadonlyMap<number, number>;
  /** Most members that a bucket of each type has. */
  readonly widest: { readonly root: number; readonly zone: number; readonly rack: number; readonly host: number };
}

const fixedOne = 0x10000;

/**
 * The tree of a cluster: root, zones, racks, hosts, and nodes as devices. Numbers are hashes of names, where Ceph counts up, so that they
 * depend neither on the order in which nodes came nor on each other.
 *
 * @param nodes - In the order of ids.
 * @param unitWeight - Weight that is 1.0 in the map.
 * @throws AlgorithmError for a weight that 16.16 fixed point can't hold.
 */
export function clusterTree(nodes: readonly PlacementNode[], unitWeight: number): ClusterTree {
  const numbers = new Set<number>();
  const places = new Map<number, number>();
  const widest = { root: 0, zone: 0, rack: 0, host: 0 };

  const bucket = (level: Level, path: readonly string[], places: readonly number[]): CrushBucket => {
    const next = below[level];
    const members =
      next === undefined
        ? places.map((place) => device(place))
        : [...groupBy(places, (place) => nodes[place]?.[next] ?? '')].map(([name, inside]) =>
            member(bucket(next, [...path, name], inside)),
          );
    widest[level] = Math.max(widest[level], members.length);
    return {
      id: -1 - numberFor(JSON.stringify([level, ...path]), numbers, -1),
      type: crushTypes[level],
      items: Int32Array.from(members, ({ item }) => item),
      weights: Float64Array.from(members, ({ weight }) => weight),
      children: members.map(({ child }) => child),
    };
  };

  const device = (place: number): Member => {
    const node = nodes[place];
    const item = numberFor(node?.id ?? '', numbers, 1);
    places.set(item, place);
    return { item, weight: node === undefined ? 0 : fixedPoint(node, unitWeight), child: undefined };
  };

  const root = bucket('root', [], [...nodes.keys()]);
  return { root, places, widest };
}

type Level = 'root' | 'zone' | 'rack' | 'host';

const below = { root: 'zone', zone: 'rack', rack: 'host', host: undefined } as const;

interface Member {
  readonly item: number;
  readonly weight: number;
  readonly child: CrushBucket | undefined;
}

function member(child: CrushBucket): Member {
  return { item: child.id, weight: child.weights.reduce((sum, weight) => sum + weight, 0), child };
}

/** A number of 30 bits from a name's hash; devices and buckets (`side` −1) have each their own. */
function numberFor(name: string, taken: Set<number>, side: 1 | -1): number {
  for (let seed = 0; ; seed++) {
    const number = murmur3(name, seed) >>> 2;
    const signed = side === 1 ? number : -1 - number;
    if (taken.has(signed)) continue;
    taken.add(signed);
    return number;
  }
}

function fixedPoint({ id, weight }: PlacementNode, unitWeight: number): number {
  const fixed = Math.round((weight / unitWeight) * fixedOne);
  // Room for 1,024 of the heaviest before the root's sum is over 32 bits.
  if (fixed >= 1 && fixed < 0x400000) return fixed;
  throw new AlgorithmError({
    family: 'placement',
    algorithm: 'crush',
    path: `node ${id}: weight`,
    found: weight,
    accepted: `1/65,536 to 64 times options.unitWeight, ${unitWeight}`,
  });
}

function groupBy(places: readonly number[], key: (place: number) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const place of places) {
    const name = key(place);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [place]);
    else group.push(place);
  }
  return groups;
}
