import { z } from 'zod';
import type { EvolvingPlacement } from '../evolving.ts';
import { compareIds } from '../hash-ring.ts';
import type { PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { DirectoryTable } from './directory-table.ts';
import { PreferredFirst } from './preferred-first.ts';

const options = z.strictObject({
  partitions: z
    .int()
    .min(1)
    .max(1_048_576)
    .default(4096)
    .describe('Rows of the table, best the store’s number of partitions; partition p has row p modulo this.'),
  replicas: z
    .int()
    .min(1)
    .max(16)
    .default(3)
    .describe('Replicas that the table names, best the store’s; any beyond them are drawn by hash and weight.'),
});

/** Options of the placement `directory`. */
export type DirectoryOptions = z.infer<typeof options>;

class DirectoryPlacement implements EvolvingPlacement {
  readonly #options: DirectoryOptions;
  readonly #table: DirectoryTable;
  readonly #picker: PreferredFirst;
  readonly #preferred: Int32Array;

  constructor(nodes: readonly PlacementNode[], chosen: DirectoryOptions, kept?: DirectoryTable) {
    const ordered = [...nodes].sort(compareIds);
    this.#options = chosen;
    this.#table = new DirectoryTable(ordered, chosen.partitions, chosen.replicas, kept);
    this.#picker = new PreferredFirst(ordered);
    this.#preferred = new Int32Array(this.#table.rows.length);
  }

  replicas(partition: number, count: number): ReplicaSet {
    const { rows } = this.#table;
    for (let row = 0; row < rows.length; row++) {
      this.#preferred[row] = rows[row]?.[partition % this.#options.partitions] ?? -1;
    }
    return this.#picker.pick(partition, this.#preferred, count);
  }

  evolve(nodes: readonly PlacementNode[]): DirectoryPlacement {
    return new DirectoryPlacement(nodes, this.#options, this.#table);
  }
}

export const directory: PlacementDefinition<DirectoryOptions> = {
  name: 'directory',
  summary: 'A table of who holds what: each replica is given to the emptiest node that keeps it apart from the others.',
  source:
    'Masters that keep a table and fill the emptiest: S. Ghemawat et al., "The Google File System" (2003), section 4.2; HDFS’s name node. Order within equals: MurmurHash3.',
  complexity: 'Look-up O(replicas); memory O(partitions × replicas), build O(partitions × replicas × nodes).',
  weakness:
    'The table must be kept and agreed on. Built anew for other nodes it moves nearly everything; evolved from the last one it moves the least.',
  options,
  create: (nodes, chosen) => new DirectoryPlacement(nodes, chosen),
};
