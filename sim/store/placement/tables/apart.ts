import type { PlacementNode } from '../placement.ts';

/**
 * How badly a further replica stands beside those that a partition has: what `Spread` minds, for tables that are filled one replica at
 * a time. First whether its zone is new, or at least its rack, or its host; then how many replicas its zone has.
 */
export class Apart {
  readonly #zones: Int32Array;
  readonly #racks: Int32Array;
  readonly #hosts: Int32Array;
  readonly #inZone: Int32Array;
  readonly #inRack: Int32Array;
  readonly #onHost: Int32Array;

  constructor(nodes: readonly PlacementNode[]) {
    this.#zones = numbered(nodes.map(({ zone }) => JSON.stringify([zone])));
    this.#racks = numbered(nodes.map(({ zone, rack }) => JSON.stringify([zone, rack])));
    this.#hosts = numbered(nodes.map(({ zone, rack, host }) => JSON.stringify([zone, rack, host])));
    this.#inZone = new Int32Array(nodes.length);
    this.#inRack = new Int32Array(nodes.length);
    this.#onHost = new Int32Array(nodes.length);
  }

  /** Begins with a partition that has no replicas. */
  clear(): void {
    this.#inZone.fill(0);
    this.#inRack.fill(0);
    this.#onHost.fill(0);
  }

  /** Counts a replica on the node at `place` in; with −1, out again. */
  count(place: number, by: 1 | -1 = 1): void {
    for (const [domains, counts] of [
      [this.#zones, this.#inZone],
      [this.#racks, this.#inRack],
      [this.#hosts, this.#onHost],
    ] as const) {
      const domain = domains[place] ?? 0;
      counts[domain] = (counts[domain] ?? 0) + by;
    }
  }

  /** The less, the better apart from the replicas counted in: 0 stands for a zone of its own. */
  cost(place: number): number {
    const inZone = this.#inZone[this.#zones[place] ?? 0] ?? 0;
    if (inZone === 0) return 0;
    const level =
      (this.#inRack[this.#racks[place] ?? 0] ?? 0) === 0
        ? 1
        : (this.#onHost[this.#hosts[place] ?? 0] ?? 0) === 0
          ? 2
          : 3;
    return level * 0x100000 + inZone;
  }
}

/** Numbers equal names alike, from 0 in order of appearance. */
function numbered(names: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(names, (name) => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
}
