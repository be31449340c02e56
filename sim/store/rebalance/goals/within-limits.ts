import type { Layout, LayoutNode, LayoutPartition, Step } from '../layout.ts';
import type { Acceptance, Goal } from './goal.ts';

/** What a goal counts on nodes, and how much of it each should have. */
export interface Quantity {
  readonly name: string;
  of(node: LayoutNode): number;
  /** What one replica of the partition adds. */
  ofOne(partition: LayoutPartition): number;
  /** What nodes are compared by: 1 where they are alike, else what they can hold. */
  scale(node: LayoutNode): number;
  lower(node: LayoutNode): number;
  upper(node: LayoutNode): number;
}

/**
 * Each node has between a lower and an upper limit of something. Nodes over it give, the largest partitions first, to the emptiest;
 * nodes under it take from the fullest.
 */
export class WithinLimits implements Goal {
  readonly name: string;
  readonly #quantity: Quantity;

  constructor(quantity: Quantity) {
    this.name = quantity.name;
    this.#quantity = quantity;
  }

  optimise(layout: Layout, accepts: Acceptance): void {
    const allows: Acceptance = (step) => layout.allows(step) && this.accepts(step) && accepts(step);
    for (const node of layout.members()) this.#give(layout, node, allows);
    for (const node of layout.members()) this.#take(layout, node, allows);
  }

  /**
   * Between two nodes within the limits: both stay there. Otherwise: they come closer together.
   */
  accepts({ partition, from, to }: Step): boolean {
    const { of, ofOne, upper, lower, scale } = this.#quantity;
    const size = ofOne(partition);
    const [given, taken] = [of(from) - size, of(to) + size];
    if (!from.belongs) return taken <= upper(to);
    if (of(from) >= lower(from) && of(to) <= upper(to)) {
      const bothStay = given >= lower(from) && taken <= upper(to);
      if (bothStay || (of(from) <= upper(from) && of(to) >= lower(to))) return bothStay;
    }
    return Math.abs(given / scale(from) - taken / scale(to)) < of(from) / scale(from) - of(to) / scale(to);
  }

  #give(layout: Layout, from: LayoutNode, allows: Acceptance): void {
    const { of, upper } = this.#quantity;
    if (of(from) <= upper(from)) return;
    for (const partition of this.#largestFirst(layout.openOn(from))) {
      if (of(from) <= upper(from)) return;
      const takers = this.#emptiestFirst(layout.members().filter((to) => of(to) < upper(to)));
      const to = takers.find((candidate) => allows({ partition, from, to: candidate }));
      if (to !== undefined) layout.plan({ partition, from, to }, `${this.name}: ${from.id} is over the limit`);
    }
  }

  #take(layout: Layout, to: LayoutNode, allows: Acceptance): void {
    const { of, lower } = this.#quantity;
    if (!to.accepts) return;
    const givers = this.#emptiestFirst(layout.members().filter((from) => of(from) > lower(from))).reverse();
    for (const from of givers) {
      for (const partition of this.#largestFirst(layout.openOn(from))) {
        if (of(to) >= lower(to)) return;
        const step = { partition, from, to };
        if (allows(step)) layout.plan(step, `${this.name}: ${to.id} is under the limit`);
      }
    }
  }

  #largestFirst(partitions: LayoutPartition[]): LayoutPartition[] {
    const { ofOne } = this.#quantity;
    return partitions.sort((a, b) => ofOne(b) - ofOne(a) || a.number - b.number);
  }

  #emptiestFirst(nodes: LayoutNode[]): LayoutNode[] {
    const { of, scale } = this.#quantity;
    return nodes.sort((a, b) => of(a) / scale(a) - of(b) / scale(b) || (a.id < b.id ? -1 : 1));
  }
}
