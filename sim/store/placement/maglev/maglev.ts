import { z } from 'zod';
import { AlgorithmError } from '../../algorithm.ts';
import { Word64 } from '../../hash/word64.ts';
import { compareIds } from '../hash-ring.ts';
import { type OwnerStream, StreamPlacement } from '../owner-stream.ts';
import { PartitionHashes } from '../partition-hashes.ts';
import type { PlacementDefinition } from '../placement.ts';
import { envoyEntrant, maglevTable } from './maglev-table.ts';

const options = z.strictObject({
  tableSize: z
    .int()
    .min(2)
    .max(5_000_011)
    .refine(isPrime, 'a prime')
    .default(65_537)
    .describe('Slots of the table, a prime: with 100 times the nodes or more, shares differ by less than 1 %.'),
});

/** Options of the placement `maglev`. */
export type MaglevOptions = z.infer<typeof options>;

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

/** The owners of a partition's slot and of those behind it. */
class SlotOwners implements OwnerStream {
  readonly #table: Int32Array;
  readonly #hashes = new PartitionHashes();
  readonly #hash = new Word64();
  #slot = 0;

  constructor(table: Int32Array) {
    this.#table = table;
  }

  start(partition: number): void {
    this.#hashes.start(partition);
    this.#hashes.next(this.#hash);
    this.#slot = this.#hash.modulo(this.#table.length);
  }

  next(): number {
    const owner = this.#table[this.#slot] ?? 0;
    if (++this.#slot === this.#table.length) this.#slot = 0;
    return owner;
  }
}

export const maglev: PlacementDefinition<MaglevOptions> = {
  name: 'maglev',
  summary: 'Google’s Maglev: a table that the nodes fill in turn, each in its own order of preference.',
  source:
    'D. Eisenbud et al., "Maglev: A fast and reliable software network load balancer" (2016); hashes and weights as of Envoy. Replicas behind the first are ours: the owners of the slots that follow.',
  complexity: 'Look-up O(replicas) expected; memory O(tableSize); build O(tableSize log tableSize) expected.',
  weakness: 'A join or leave also moves a few slots between the other nodes, and the whole table is built anew.',
  options,
  create: (nodes, { tableSize }) => {
    if (nodes.length > tableSize) {
      throw new AlgorithmError({
        family: 'placement',
        algorithm: 'maglev',
        path: 'options.tableSize',
        found: tableSize,
        accepted: `a prime of at least the number of nodes, ${nodes.length}`,
      });
    }
    const ordered = [...nodes].sort(compareIds);
    const entrants = ordered.map(({ id, weight }) => envoyEntrant(id, weight, tableSize));
    return new StreamPlacement(ordered, new SlotOwners(maglevTable(entrants, tableSize)), tableSize);
  },
};
