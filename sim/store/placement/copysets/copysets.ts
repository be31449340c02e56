import { z } from 'zod';
import { murmur3, murmur3Word } from '../../hash.ts';
import { checkEqualWeights, unequalWeights } from '../equal-weights.ts';
import type { EvolvingPlacement } from '../evolving.ts';
import { compareIds } from '../hash-ring.ts';
import type { PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { DrawnOrder } from '../tables/drawn-order.ts';
import { PreferredFirst } from '../tables/preferred-first.ts';
import { CopysetTable } from './copyset-table.ts';

const options = z.strictObject({
  replicas: z.int().min(2).max(16).default(3).describe('Nodes in a copyset; best the store’s number of replicas.'),
  scatterWidth: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe(
      'About how many other nodes share data with a node: fewer make a loss rarer and larger, more make repair faster. Rounded up to whole permutations of replicas − 1.',
    ),
  unequalWeights,
});

/** Options of the placement `copysets`. */
export type CopysetsOptions = z.infer<typeof options>;

/** Keeps sets apart from nodes and partitions. */
const setSeed = murmur3('copyset');

class CopysetsPlacement implements EvolvingPlacement {
  readonly #options: CopysetsOptions;
  readonly #table: CopysetTable;
  readonly #picker: PreferredFirst;
  readonly #primaries: DrawnOrder;
  /** Numbers of the sets that each node is in. */
  readonly #setsOf: readonly Int32Array[];
  /** For each set, of its score. */
  readonly #setSeeds: Uint32Array;
  /** For each node, of its rank in a set. */
  readonly #nodeSeeds: Uint32Array;
  readonly #preferred: Int32Array;

  constructor(nodes: readonly PlacementNode[], chosen: CopysetsOptions, kept?: CopysetTable) {
    checkEqualWeights('copysets', nodes, chosen.unequalWeights);
    const ordered = [...nodes].sort(compareIds);
    const permutations = Math.ceil(chosen.scatterWidth / (chosen.replicas - 1));
    this.#options = chosen;
    this.#table = new CopysetTable(ordered, chosen.replicas, permutations, kept);
    this.#picker = new PreferredFirst(ordered);
    this.#primaries = new DrawnOrder(ordered.map((node) => ({ ...node, weight: 1 })));
    const setsOf: number[][] = ordered.map(() => []);
    this.#table.sets.forEach(({ members }, at) => {
      for (const place of members) setsOf[place]?.push(at);
    });
    this.#setsOf = setsOf.map((numbers) => Int32Array.from(numbers));
    this.#setSeeds = Uint32Array.from(this.#table.sets, ({ number }) => murmur3Word(number, setSeed));
    this.#nodeSeeds = Uint32Array.from(ordered, ({ id }) => murmur3(id, setSeed));
    this.#preferred = new Int32Array(Math.min(chosen.replicas, ordered.length));
  }

  replicas(partition: number, count: number): ReplicaSet {
    this.#primaries.start(partition);
    const primary = this.#primaries.next();
    this.#rank(partition, primary, this.#table.sets[this.#setFor(partition, primary)]?.members);
    return this.#picker.pick(partition, this.#preferred, count);
  }

  /** Puts the primary first and the others of its set behind it, by hash: two sets that differ in one differ in no other's place. */
  #rank(partition: number, primary: number, members: Int32Array | undefined): void {
    this.#preferred.fill(primary);
    let ranked = 1;
    for (const place of members ?? []) {
      if (place === primary) continue;
      const score = murmur3Word(partition, this.#nodeSeeds[place] ?? 0);
      let at = ranked++;
      for (; at > 1 && murmur3Word(partition, this.#nodeSeeds[this.#preferred[at - 1] ?? 0] ?? 0) < score; at--) {
        this.#preferred[at] = this.#preferred[at - 1] ?? 0;
      }
      this.#preferred[at] = place;
    }
  }

  /** Of the sets of a node, the one that scores highest for the partition. */
  #setFor(partition: number, primary: number): number {
    let best = -1;
    let bestScore = -1;
    for (const number of this.#setsOf[primary] ?? []) {
      const score = murmur3Word(partition, this.#setSeeds[number] ?? 0);
      if (score <= bestScore) continue;
      best = number;
      bestScore = score;
    }
    return best;
  }

  evolve(nodes: readonly PlacementNode[]): CopysetsPlacement {
    return new CopysetsPlacement(nodes, this.#options, this.#table);
  }
}

export const copysets: PlacementDefinition<CopysetsOptions> = {
  name: 'copysets',
  summary:
    'Few groups of nodes hold all replicas: the first node by hash, the others from one of the groups that it is in.',
  source:
    'A. Cidon et al., "Copysets: reducing the frequency of data loss in cloud storage" (ATC 2013). Chances are MurmurHash3’s.',
  complexity:
    'Look-up O(nodes); memory O(nodes × scatterWidth), build O(permutations × nodes) with zones enough, O(permutations × nodes²) at worst.',
  weakness:
    'Knows no weights; a loss is rarer but larger; repair has few sources. Built anew for other nodes all groups change, evolved few do.',
  options,
  create: (nodes, chosen) => new CopysetsPlacement(nodes, chosen),
};
