import { z } from 'zod';
import { compareIds } from '../hash-ring.ts';
import type { Placement, PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { type Candidates, Spread } from '../spread.ts';
import { type ClusterTree, clusterTree, crushTypes } from './cluster-tree.ts';
import type { CrushRule, CrushStep } from './crush-map.ts';
import { CrushMapper } from './crush-mapper.ts';

const options = z.strictObject({
  unitWeight: z
    .number()
    .positive()
    .default(1)
    .describe('Weight that is 1.0 in the crush map, whose fixed point holds 1/65,536 to 64 of them; in Ceph a TiB.'),
  chooseTotalTries: z
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .describe('Tries again from the top before a replica is given up; choose_total_tries.'),
  chooseLocalTries: z.int().min(0).max(1000).default(0).describe('Tries again in the same bucket; choose_local_tries.'),
  chooseleafDescendOnce: z.boolean().default(true).describe('Seek a leaf once, then again from the top.'),
  chooseleafVaryR: z.int().min(0).max(4).default(1).describe('How the search for a leaf follows the replica’s number.'),
  chooseleafStable: z.boolean().default(true).describe('A leaf doesn’t depend on the replicas before it.'),
});

/** Options of the placement `crush`. */
export type CrushOptions = z.infer<typeof options>;

/**
 * Runs `chooseleaf firstn 0 type zone`; where that gives too few, a rule that goes through all zones to distinct racks, then hosts,
 * then devices, as operators write for clusters of few zones. Who is left comes last, in the order of ids.
 */
class CrushPlacement implements Placement, Candidates {
  readonly #tree: ClusterTree;
  readonly #mapper: CrushMapper;
  readonly #spread: Spread;
  readonly #rules = new Map<number, readonly CrushRule[]>();
  readonly #devices: Int32Array;
  /** Number of the last look-up that met the node. */
  readonly #met: Float64Array;
  #lookUp = 0;
  #partition = 0;
  #current: readonly CrushRule[] = [];
  /** How many rules have been run. */
  #run = 0;
  #found = 0;
  #at = 0;
  #last = 0;

  constructor(nodes: readonly PlacementNode[], chosen: CrushOptions) {
    const ordered = [...nodes].sort(compareIds);
    this.#tree = clusterTree(ordered, chosen.unitWeight);
    this.#mapper = new CrushMapper([this.#tree.root], ordered.length, chosen);
    this.#spread = new Spread(ordered);
    this.#devices = new Int32Array(ordered.length);
    this.#met = new Float64Array(ordered.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    this.#lookUp++;
    this.#partition = partition;
    this.#current = this.#rulesFor(count);
    this.#run = 0;
    this.#found = 0;
    this.#at = 0;
    this.#last = 0;
    return this.#spread.pick(this, count);
  }

  next(): number {
    for (;;) {
      while (this.#at < this.#found) {
        const place = this.#tree.places.get(this.#devices[this.#at++] ?? 0) ?? -1;
        if (this.#meet(place)) return place;
      }
      const rule = this.#current[this.#run++];
      if (rule === undefined) break;
      this.#found = this.#mapper.map(rule, this.#partition, this.#devices.length, this.#devices);
      this.#at = 0;
    }
    while (this.#last < this.#met.length) if (this.#meet(this.#last++)) return this.#last - 1;
    return -1;
  }

  /** False if this look-up has met the node before. */
  #meet(place: number): boolean {
    if (this.#met[place] === this.#lookUp) return false;
    this.#met[place] = this.#lookUp;
    return true;
  }

  #rulesFor(count: number): readonly CrushRule[] {
    const known = this.#rules.get(count);
    if (known !== undefined) return known;
    const rules = spreadRules(this.#tree, count);
    this.#rules.set(count, rules);
    return rules;
  }
}

/** Rules for replicas in distinct zones, else in distinct racks of all zones, else on distinct hosts, else on distinct devices. */
function spreadRules({ root, widest }: ClusterTree, count: number): readonly CrushRule[] {
  const widths = [widest.root, widest.zone, widest.rack, widest.host];
  const types = [crushTypes.zone, crushTypes.rack, crushTypes.host, crushTypes.device];
  return types.map((_, depth) => {
    const path = types.slice(0, depth + 1).map((type, level): CrushStep => {
      const op = level === depth ? 'chooseleaf' : 'choose';
      return { op, mode: 'firstn', count: Math.min(count, widths[level] ?? count), type };
    });
    return [{ op: 'take', bucket: root }, ...path, { op: 'emit' }];
  });
}

export const crush: PlacementDefinition<CrushOptions> = {
  name: 'crush',
  summary:
    'Draws straws of hash and weight from the root over zones, racks and hosts to nodes, and again where two replicas collide.',
  source:
    'S. Weil et al., "CRUSH" (SC 2006); Ceph’s straw2 and tunables, bit by bit as crushtool 16.2.15. Numbers of nodes and buckets are hashes of their names.',
  complexity: 'Look-up O(replicas × (zones + racks of a zone + hosts of a rack + nodes of a host)); memory O(nodes).',
  weakness:
    'As uneven as chance, which is why Ceph corrects it by upmaps; a change of weight moves 2 to 3 times the least, for it changes all levels above; few zones of unlike weight get unlike shares.',
  options,
  create: (nodes, chosen) => new CrushPlacement(nodes, chosen),
};
