import { z } from 'zod';
import { byName } from './bucket/bucket-numbers.ts';
import { checkEqualWeights, unequalWeights } from './equal-weights.ts';
import { type OwnerStream, StreamPlacement } from './owner-stream.ts';
import type { PlacementDefinition } from './placement.ts';

const options = z.strictObject({ unequalWeights });

/** Options of the placement `modulo`. */
export type ModuloOptions = z.infer<typeof options>;

/** The remainder of the partition, and the nodes behind it. */
class Remainders implements OwnerStream {
  readonly #nodes: number;
  #place = 0;

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  start(partition: number): void {
    this.#place = partition % this.#nodes;
  }

  next(): number {
    const place = this.#place;
    this.#place = place + 1 === this.#nodes ? 0 : place + 1;
    return place;
  }
}

export const modulo: PlacementDefinition<ModuloOptions> = {
  name: 'modulo',
  summary: 'The node at the remainder of the partition by the number of nodes, and those behind it: as even as can be.',
  source: 'Folklore; the replicas behind the first follow in turn, as with new topics of Apache Kafka.',
  complexity: 'Look-up O(replicas); memory O(nodes).',
  weakness: 'A join or leave moves nearly all of the data: n of n + 1 partitions.',
  options,
  create: (nodes, chosen) => {
    checkEqualWeights('modulo', nodes, chosen.unequalWeights);
    return new StreamPlacement(byName(nodes), new Remainders(nodes.length), nodes.length);
  },
};
