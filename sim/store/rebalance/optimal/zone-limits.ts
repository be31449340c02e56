import type { Layout, LayoutPartition } from '../layout.ts';

/** The zones of a layout's members by number, and how many replicas of a partition may and must stand in one. */
export class ZoneLimits {
  readonly names: readonly string[];
  readonly #number: ReadonlyMap<string, number>;

  constructor(layout: Layout) {
    this.names = [...new Set(layout.members().map(({ zone }) => zone))];
    this.#number = new Map(this.names.map((name, number) => [name, number]));
  }

  /** The zone's number; undefined for one that no member is in. */
  of({ zone }: { readonly zone: string }): number | undefined {
    return this.#number.get(zone);
  }

  /** How many replicas of the partition stay at members, by zone. */
  staying({ owners }: LayoutPartition): number[] {
    const counts = this.names.map(() => 0);
    for (const owner of owners) {
      const zone = owner.belongs ? this.of(owner) : undefined;
      if (zone !== undefined) counts[zone] = (counts[zone] ?? 0) + 1;
    }
    return counts;
  }

  /** At least so many in each zone, if there are no more zones than replicas. */
  least({ owners }: LayoutPartition): number {
    return Math.floor(owners.length / this.names.length);
  }

  /** At most so many in each zone, unless more stand there now. */
  most({ owners }: LayoutPartition): number {
    return Math.ceil(owners.length / this.names.length);
  }
}
