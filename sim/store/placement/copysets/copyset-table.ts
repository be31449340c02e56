import type { NodeId } from '../../../host.ts';
import { murmur3, murmur3Word } from '../../hash.ts';
import type { PlacementNode } from '../placement.ts';
import { Apart } from '../tables/apart.ts';

/** Nodes that hold partitions together. */
export interface Copyset {
  /** Stays the same while members are replaced. */
  readonly number: number;
  /** Places in the table's nodes. */
  readonly members: Int32Array;
}

/** The groups of nodes that hold partitions together; only the loss of a whole one loses data. */
export class CopysetTable {
  /** In the order of ids. */
  readonly nodes: readonly PlacementNode[];
  /** No two of the same members. */
  readonly sets: readonly Copyset[];
  readonly #apart: Apart;
  readonly #seeds: Uint32Array;
  readonly #size: number;
  readonly #permutations: number;
  /** How many sets were ever made. */
  #made: number;

  /**
   * Cuts permutations of the nodes into sets of `size`. A set that what is left of a permutation can't fill as far apart as the nodes allow
   * borrows from those already cut off.
   *
   * Source: A. Cidon et al., "Copysets" (ATC 2013), section 4.
   *
   * @param nodes - In the order of ids.
   * @param kept - What the table was. A node that left is replaced in each of its sets; one that joined gets as many new sets as there are
   * permutations; all other sets stay.
   */
  constructor(nodes: readonly PlacementNode[], size: number, permutations: number, kept?: CopysetTable) {
    this.nodes = nodes;
    this.#apart = new Apart(nodes);
    this.#seeds = Uint32Array.from(nodes, ({ id }) => murmur3(id));
    this.#size = Math.min(size, nodes.length);
    this.#permutations = permutations;
    this.#made = kept === undefined ? 0 : kept.#made;
    this.sets = distinct(kept === undefined ? this.#cut() : this.#amend(kept));
  }

  #cut(): Copyset[] {
    const sets: Copyset[] = [];
    for (let permutation = 0; permutation < this.#permutations; permutation++) {
      const order = this.#shuffled(permutation);
      const used = new Uint8Array(order.length);
      for (const first of order)
        if (used[first] === 0) sets.push({ number: this.#made++, members: this.#filled([first], order, used) });
    }
    return sets;
  }

  #amend(kept: CopysetTable): Copyset[] {
    const places = new Map<NodeId, number>(this.nodes.map(({ id }, place) => [id, place]));
    const moved = kept.nodes.map(({ id }) => places.get(id) ?? -1);
    const old = new Set(moved);
    const sets = kept.sets.map(({ number, members }) => {
      const left = [...members].map((place) => moved[place] ?? -1).filter((place) => place >= 0);
      return { number, members: this.#filled(left, this.#shuffled(number), new Uint8Array(this.nodes.length)) };
    });
    for (let place = 0; place < this.nodes.length; place++) {
      if (old.has(place)) continue;
      const companions = new Uint8Array(this.nodes.length);
      for (let n = 0; n < this.#permutations; n++) {
        const number = this.#made++;
        sets.push({ number, members: this.#filled([place], this.#shuffled(number), companions) });
      }
    }
    return sets;
  }

  #shuffled(number: number): Int32Array {
    const hashes = Float64Array.from(this.#seeds, (seed, place) => murmur3Word(number, seed) * 0x100000 + place);
    return Int32Array.from(hashes.sort(), (hash) => hash % 0x100000);
  }

  /** Fills a set up with who stands best apart, of those who is not used yet, of those who comes first; and marks all as used. */
  #filled(members: readonly number[], order: Int32Array, used: Uint8Array): Int32Array {
    const set = [...members];
    this.#apart.clear();
    for (const place of set) this.#apart.count(place);
    while (set.length < this.#size) {
      const place = this.#best(set, order, used);
      this.#apart.count(place);
      set.push(place);
    }
    for (const place of set) used[place] = 1;
    return Int32Array.from(set);
  }

  #best(set: readonly number[], order: Int32Array, used: Uint8Array): number {
    let best = -1;
    let bestCost = 0;
    for (const place of order) {
      if (set.includes(place)) continue;
      const cost = this.#apart.cost(place) * 2 + (used[place] ?? 0);
      if (best >= 0 && cost >= bestCost) continue;
      best = place;
      bestCost = cost;
      if (cost === 0) break;
    }
    return best;
  }
}

/** Of sets that have the same members, the oldest. */
function distinct(sets: readonly Copyset[]): Copyset[] {
  const seen = new Set<string>();
  return sets.filter(({ members }) => {
    const name = [...members].sort((a, b) => a - b).join();
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}
