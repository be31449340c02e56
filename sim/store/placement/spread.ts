import type { NodeId } from '../../host.ts';
import type { PlacementNode, ReplicaSet } from './placement.ts';

/** Nodes of one partition in order of preference, most preferred first. */
export interface Candidates {
  /** Place in the list of nodes of the next most preferred one, each once; −1 after the last. */
  next(): number;
}

/** What a shared domain of each level costs; on the first level nothing is shared. */
const degradations = [undefined, 'zone', 'rack', 'host'] as const;

/**
 * Picks replicas from a stream of candidates so that as few as possible fail together. Each replica is the most
 * preferred node in a zone that has none yet; if there is no such zone, in a rack that has none; then on a
 * host that has none; then any. Where zones must be shared, the one with the fewest replicas is taken, so
 * that four replicas in two zones stand two by two.
 *
 * With at least as many zones as replicas, a node that joins the stream changes a set only by entering it.
 *
 * A rack's name counts within its zone, a host's within its rack.
 */
export class Spread {
  readonly #ids: readonly NodeId[];
  /** For each level (zone, rack, host, node), each node's domain as a dense number. */
  readonly #domains: readonly Int32Array[];
  /** For each level, the number of domains in each zone. */
  readonly #domainsInZone: readonly Int32Array[];
  /** For each level, the number of the last look-up that took a node in the domain. */
  readonly #lastUse: readonly Float64Array[];
  /** For each level, the number of domains in each zone that this look-up took a node in. */
  readonly #usedInZone: readonly Int32Array[];
  readonly #seen: Int32Array;
  #seenCount = 0;
  #lookUp = 0;

  constructor(nodes: readonly PlacementNode[]) {
    this.#ids = nodes.map(({ id }) => id);
    const names = nodes.map(({ zone, rack, host, id }) => [[zone], [zone, rack], [zone, rack, host], [id]]);
    this.#domains = degradations.map((_, level) => dense(names.map((levels) => JSON.stringify(levels[level]))));
    const zones = this.#domains[0] ?? new Int32Array(0);
    this.#domainsInZone = this.#domains.map((domains) => countInZones(zones, domains));
    this.#lastUse = this.#domains.map(() => new Float64Array(nodes.length));
    this.#usedInZone = this.#domainsInZone.map((zonesOfLevel) => new Int32Array(zonesOfLevel.length));
    this.#seen = new Int32Array(nodes.length);
  }

  /**
   * The `count` replicas of one partition.
   *
   * @throws RangeError if `count` is no whole number from 1 to the number of nodes.
   */
  pick(candidates: Candidates, count: number): ReplicaSet {
    if (!Number.isInteger(count) || count < 1 || count > this.#ids.length) {
      throw new RangeError(
        `count: found ${count}, accepted: a whole number from 1 to the number of nodes, ${this.#ids.length}`,
      );
    }
    // One replica is apart from all others: the most preferred node is its.
    if (count === 1) return { nodes: [this.#idOf(candidates.next())] };
    this.#lookUp++;
    for (const used of this.#usedInZone) used.fill(0);
    this.#seenCount = 0;
    const nodes: NodeId[] = [];
    let level = 0;
    while (nodes.length < count) {
      let fewest = this.#fewestReplicas(level);
      while (fewest === undefined) fewest = this.#fewestReplicas(++level);
      nodes.push(this.#take(candidates, level, fewest));
    }
    const degraded = degradations[level];
    return degraded === undefined ? { nodes } : { nodes, degraded };
  }

  /** Replicas in the emptiest zone that has an unused domain on this level; undefined if no zone has one. */
  #fewestReplicas(level: number): number | undefined {
    const available = this.#domainsInZone[level];
    const used = this.#usedInZone[level];
    const replicas = this.#usedInZone[degradations.length - 1];
    if (available === undefined || used === undefined || replicas === undefined) {
      throw new RangeError('candidates: ended before enough replicas were found');
    }
    let fewest: number | undefined;
    for (let zone = 0; zone < available.length; zone++) {
      if ((used[zone] ?? 0) >= (available[zone] ?? 0)) continue;
      const here = replicas[zone] ?? 0;
      if (fewest === undefined || here < fewest) fewest = here;
    }
    return fewest;
  }

  /** Takes the most preferred node in an unused domain of this level, in a zone with that many replicas. */
  #take(candidates: Candidates, level: number, replicas: number): NodeId {
    for (let i = 0; ; i++) {
      const node = i < this.#seenCount ? (this.#seen[i] ?? -1) : candidates.next();
      const id = this.#idOf(node);
      if (i === this.#seenCount) this.#seen[this.#seenCount++] = node;
      const zone = this.#domains[0]?.[node] ?? 0;
      if (this.#lastUse[level]?.[this.#domains[level]?.[node] ?? 0] === this.#lookUp) continue;
      if (this.#usedInZone[degradations.length - 1]?.[zone] !== replicas) continue;
      this.#mark(node, zone);
      return id;
    }
  }

  #idOf(node: number): NodeId {
    const id = this.#ids[node];
    if (id === undefined) throw new RangeError('candidates: ended before enough replicas were found');
    return id;
  }

  #mark(node: number, zone: number): void {
    for (let level = 0; level < degradations.length; level++) {
      const domain = this.#domains[level]?.[node] ?? 0;
      const lastUse = this.#lastUse[level];
      const inZone = this.#usedInZone[level];
      if (lastUse === undefined || inZone === undefined || lastUse[domain] === this.#lookUp) continue;
      lastUse[domain] = this.#lookUp;
      inZone[zone] = (inZone[zone] ?? 0) + 1;
    }
  }
}

/** Numbers equal names alike, from 0 in order of appearance. */
function dense(names: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(names, (name) => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
}

function countInZones(zones: Int32Array, domains: Int32Array): Int32Array {
  const counts = new Int32Array(new Set(zones).size);
  const counted = new Set<number>();
  domains.forEach((domain, node) => {
    if (counted.has(domain)) return;
    counted.add(domain);
    const zone = zones[node] ?? 0;
    counts[zone] = (counts[zone] ?? 0) + 1;
  });
  return counts;
}
