import { z } from 'zod';
import type { NodeId } from '../../../host.ts';
import type { EvolvingPlacement } from '../evolving.ts';
import { compareIds } from '../hash-ring.ts';
import type { PlacementDefinition, PlacementNode, ReplicaSet } from '../placement.ts';
import { slotCount, slotOfNumber } from './crc16.ts';
import { PreferredFirst } from './preferred-first.ts';
import { createSlots, rebalanceSlots } from './redis-slots.ts';

const options = z.strictObject({
  threshold: z
    .number()
    .positive()
    .lt(100)
    .default(2)
    .describe('Percent by which a node may be off its share before slots are moved; redis-cli’s own is 2.'),
});

/** Options of the placement `hash-slots`. */
export type HashSlotsOptions = z.infer<typeof options>;

class HashSlotsPlacement implements EvolvingPlacement {
  readonly #nodes: readonly PlacementNode[];
  readonly #options: HashSlotsOptions;
  readonly #owners: readonly NodeId[];
  readonly #places: Int32Array;
  readonly #picker: PreferredFirst;
  readonly #preferred = new Int32Array(1);

  constructor(ordered: readonly PlacementNode[], chosen: HashSlotsOptions, owners: readonly NodeId[]) {
    this.#nodes = ordered;
    this.#options = chosen;
    this.#owners = owners;
    const places = new Map(ordered.map(({ id }, place) => [id, place]));
    this.#places = Int32Array.from({ length: slotCount }, (_, slot) => places.get(owners[slot] ?? '') ?? -1);
    this.#picker = new PreferredFirst(ordered);
  }

  replicas(partition: number, count: number): ReplicaSet {
    const slot = slotOfNumber(partition);
    this.#preferred[0] = this.#places[slot] ?? -1;
    return this.#picker.pick(slot, this.#preferred, count);
  }

  evolve(nodes: readonly PlacementNode[]): HashSlotsPlacement {
    const ordered = [...nodes].sort(compareIds);
    const ids = new Set(ordered.map(({ id }) => id));
    const leaving = this.#nodes.filter(({ id }) => !ids.has(id) && this.#owners.includes(id));
    const masters = [...ordered, ...leaving.map(({ id }) => ({ id, weight: 0 }))];
    const owners = rebalanceSlots(this.#owners, masters, this.#options.threshold);
    return new HashSlotsPlacement(ordered, this.#options, owners);
  }
}

export const hashSlots: PlacementDefinition<HashSlotsOptions> = {
  name: 'hash-slots',
  summary: 'Partitions hash to 16,384 slots, and a table says which node owns each slot.',
  source:
    'Redis cluster specification (CRC16) and redis-cli: create, then rebalance by weight. Redis gives each owner replicas of its own; here, where all nodes own slots, the further replicas of a slot are drawn by hash and weight.',
  complexity: 'Look-up O(1) for the owner, O(nodes) a further replica; memory O(slots + nodes).',
  weakness:
    'Slots, not bytes, are even. Built anew for other nodes it moves most slots; evolved as redis-cli does it moves the least, but lets all stand that is within the threshold.',
  options,
  create: (nodes, chosen) => {
    const ordered = [...nodes].sort(compareIds);
    const even = createSlots(ordered.map(({ id }) => id));
    return new HashSlotsPlacement(ordered, chosen, rebalanceSlots(even, ordered, chosen.threshold));
  },
};
