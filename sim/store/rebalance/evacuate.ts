import { type Layout, type LayoutNode, type LayoutPartition, zonesAfter } from './layout.ts';

/**
 * Plans what has to leave nodes that no longer belong, before anything is moved for balance: each replica to the node that
 * keeps it in most zones and, of those, would be least full for its share.
 */
export function evacuate(layout: Layout): void {
  for (const partition of layout.partitions) {
    const from = partition.owners.find((owner) => !owner.belongs);
    if (from === undefined || !partition.open) continue;
    const to = refuge(layout, partition, from);
    if (to !== undefined) layout.plan({ partition, from, to }, `${from.id} is leaving`);
  }
}

function refuge(layout: Layout, partition: LayoutPartition, from: LayoutNode): LayoutNode | undefined {
  let best: { readonly to: LayoutNode; readonly zones: number; readonly fullness: number } | undefined;
  for (const to of layout.nodes) {
    const step = { partition, from, to };
    if (!layout.allowsEvacuation(step)) continue;
    const zones = zonesAfter(step);
    const fullness = (to.bytes + partition.bytes) / to.share;
    const better = best === undefined || zones > best.zones || (zones === best.zones && fullness < best.fullness);
    if (better) best = { to, zones, fullness };
  }
  return best?.to;
}
