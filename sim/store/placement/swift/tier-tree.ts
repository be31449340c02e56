import type { PlacementNode } from '../placement.ts';

/** A failure domain of Swift's ring: the cluster, a region, a zone, a server or a device. Here those are our zones, racks, hosts and nodes. */
export interface Tier {
  /** Place in `TierTree.tiers`. */
  readonly index: number;
  /** 0 for the cluster, 4 for a device. */
  readonly depth: number;
  /** In the order of names. */
  readonly children: readonly Tier[];
  /** Places of the nodes below it. */
  readonly devices: readonly number[];
}

/** The tiers of a cluster. */
export interface TierTree {
  readonly cluster: Tier;
  readonly tiers: readonly Tier[];
  /** For each node, the indexes of its tiers from region to device. */
  readonly paths: readonly (readonly number[])[];
}

const levels = [
  (node: PlacementNode) => node.zone,
  (node: PlacementNode) => node.rack,
  (node: PlacementNode) => node.host,
  (node: PlacementNode) => node.id,
] as const;

/** Sorts nodes into tiers. */
export function tierTree(nodes: readonly PlacementNode[]): TierTree {
  const tiers: Tier[] = [];
  const paths: number[][] = nodes.map(() => []);

  const grow = (depth: number, devices: readonly number[]): Tier => {
    const index = tiers.length;
    const children: Tier[] = [];
    const tier: Tier = { index, depth, children, devices };
    tiers.push(tier);
    if (depth > 0) for (const device of devices) paths[device]?.push(index);
    const nameOf = levels[depth];
    if (nameOf === undefined) return tier;
    const groups = new Map<string, number[]>();
    for (const device of devices) {
      const node = nodes[device];
      const name = node === undefined ? '' : nameOf(node);
      groups.set(name, [...(groups.get(name) ?? []), device]);
    }
    const byName = [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [, inside] of byName) children.push(grow(depth + 1, inside));
    return tier;
  };

  const cluster = grow(0, [...nodes.keys()]);
  return { cluster, tiers, paths };
}
