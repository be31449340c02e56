import type { NodeId } from '../../../host.ts';
import { murmur3, murmur3Word } from '../../hash.ts';
import type { PlacementNode } from '../placement.ts';
import { Apart } from './apart.ts';

/** Not assigned. */
const nobody = -1;

/**
 * A table of who holds what, each replica given to the emptiest node that keeps it apart. `rows[r]` has replica r of each partition as a place
 * in `nodes`. A table is even over all its rows; a new one is filled row by row, so that its first replicas are about as even.
 */
export class DirectoryTable {
  /** In the order of ids. */
  readonly nodes: readonly PlacementNode[];
  readonly rows: readonly Int32Array[];
  readonly #apart: Apart;
  readonly #seeds: Uint32Array;
  /** Replicas on each node. */
  readonly #loads: Int32Array;

  /**
   * @param nodes - In the order of ids.
   * @param kept - What the table was; replicas on nodes that are no more are given to others.
   */
  constructor(nodes: readonly PlacementNode[], partitions: number, replicas: number, kept?: DirectoryTable) {
    this.nodes = nodes;
    this.#apart = new Apart(nodes);
    this.#seeds = Uint32Array.from(nodes, ({ id }) => murmur3(id));
    this.#loads = new Int32Array(nodes.length);
    const places = new Map<NodeId, number>(nodes.map(({ id }, place) => [id, place]));
    const moved = kept?.nodes.map(({ id }) => places.get(id) ?? nobody) ?? [];
    this.rows = Array.from({ length: Math.min(replicas, nodes.length) }, (_, row) => {
      const old = kept?.rows[row];
      return Int32Array.from({ length: partitions }, (_, partition) => moved[old?.[partition] ?? nobody] ?? nobody);
    });
    for (const row of this.rows) for (const place of row) if (place !== nobody) this.#add(place, 1);
    for (const row of this.rows) this.#fill(row, partitions);
    this.#level();
  }

  #add(place: number, by: number): void {
    this.#loads[place] = (this.#loads[place] ?? 0) + by;
  }

  /** How full a node would be with `more` replicas. */
  #fullness(place: number, more: number): number {
    return ((this.#loads[place] ?? 0) + more) / (this.nodes[place]?.weight ?? 1);
  }

  #holds(partition: number, place: number): boolean {
    return this.rows.some((row) => row[partition] === place);
  }

  #countIn(partition: number): void {
    this.#apart.clear();
    for (const row of this.rows) {
      const place = row[partition] ?? nobody;
      if (place !== nobody) this.#apart.count(place);
    }
  }

  #fill(row: Int32Array, partitions: number): void {
    for (let partition = 0; partition < partitions; partition++) {
      if (row[partition] !== nobody) continue;
      this.#countIn(partition);
      const place = this.#emptiest(partition);
      row[partition] = place;
      this.#add(place, 1);
    }
  }

  /** The emptiest of those that stand best apart; equals are told apart by hash, so that no two nodes always go together. */
  #emptiest(partition: number): number {
    let best = nobody;
    let bestCost = 0;
    let bestFullness = 0;
    let bestHash = 0;
    for (let place = 0; place < this.nodes.length; place++) {
      if (this.#holds(partition, place)) continue;
      const cost = this.#apart.cost(place);
      if (best !== nobody && cost > bestCost) continue;
      const fullness = this.#fullness(place, 1);
      if (best !== nobody && cost === bestCost && fullness > bestFullness) continue;
      const hash = murmur3Word(partition, this.#seeds[place] ?? 0);
      if (best !== nobody && cost === bestCost && fullness === bestFullness && hash >= bestHash) continue;
      best = place;
      bestCost = cost;
      bestFullness = fullness;
      bestHash = hash;
    }
    return best;
  }

  /** Moves replicas from the fullest node that can give to the emptiest that can take, as long as that evens them out. */
  #level(): void {
    const stuck = new Uint8Array(this.nodes.length);
    for (let moves = 0; ; moves++) {
      const from = this.#fullest(stuck);
      if (from === nobody) return;
      if (!this.#giveOne(from, murmur3Word(moves, this.#seeds[from] ?? 0))) stuck[from] = 1;
    }
  }

  #fullest(except: Uint8Array): number {
    let fullest = nobody;
    for (let place = 0; place < this.nodes.length; place++) {
      if (except[place] === 1) continue;
      if (fullest === nobody || this.#fullness(place, 0) > this.#fullness(fullest, 0)) fullest = place;
    }
    return fullest;
  }

  /**
   * Moves the one replica of `from` that finds the emptiest taker; false if there is none.
   *
   * @param start - Where in the table the search begins: anywhere, so that moves don't crowd in its first partitions.
   */
  #giveOne(from: number, start: number): boolean {
    const partitions = this.rows[0]?.length ?? 0;
    const size = partitions * this.rows.length;
    const emptiest = this.#leastFullness();
    let least = this.#fullness(from, 0);
    let chosen = nobody;
    let taker = nobody;
    for (let n = 0; n < size && least > emptiest; n++) {
      const at = (start + n) % size;
      const partition = at % partitions;
      if (this.rows[Math.floor(at / partitions)]?.[partition] !== from) continue;
      this.#countIn(partition);
      this.#apart.count(from, -1);
      const cost = this.#apart.cost(from);
      for (let place = 0; place < this.nodes.length; place++) {
        const fullness = this.#fullness(place, 1);
        if (fullness >= least || this.#apart.cost(place) > cost || this.#holds(partition, place)) continue;
        chosen = at;
        taker = place;
        least = fullness;
      }
    }
    if (chosen === nobody) return false;
    const partition = chosen % partitions;
    this.rows[Math.floor(chosen / partitions)]?.fill(taker, partition, partition + 1);
    this.#add(from, -1);
    this.#add(taker, 1);
    return true;
  }

  #leastFullness(): number {
    let least = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.nodes.length; place++) least = Math.min(least, this.#fullness(place, 1));
    return least;
  }
}
