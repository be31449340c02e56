import { type Layout, type LayoutNode, type LayoutPartition, type Step, zonesAfter, zonesNow } from '../layout.ts';
import type { Acceptance, Goal } from './goal.ts';

/** Replicas of a partition stand in distinct zones: what shares one moves to a zone that has none, the emptiest node first. */
export class ZonesApart implements Goal {
  readonly name = 'zones apart';

  optimise(layout: Layout, accepts: Acceptance): void {
    const zones = new Set(layout.members().map(({ zone }) => zone)).size;
    for (const partition of layout.partitions) {
      if (!partition.open || zonesNow(partition) >= Math.min(zones, partition.owners.length)) continue;
      const step = this.#apart(layout, partition, accepts);
      if (step !== undefined) layout.plan(step, `${this.name}: ${step.from.zone} holds it more than once`);
    }
  }

  accepts(step: Step): boolean {
    return zonesAfter(step) >= zonesNow(step.partition);
  }

  #apart(layout: Layout, partition: LayoutPartition, accepts: Acceptance): Step | undefined {
    const crowded = partition.owners.filter((owner) => partition.owners.some((other) => shareZone(owner, other)));
    const emptiest = [...layout.nodes].sort((a, b) => a.bytes - b.bytes || (a.id < b.id ? -1 : 1));
    for (const from of crowded) {
      for (const to of emptiest) {
        const step = { partition, from, to };
        if (zonesAfter(step) > zonesNow(partition) && layout.allows(step) && accepts(step)) return step;
      }
    }
    return undefined;
  }
}

function shareZone(a: LayoutNode, b: LayoutNode): boolean {
  return a !== b && a.zone === b.zone;
}
