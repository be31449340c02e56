import type { NodeId } from '../../../host.ts';
import { byName } from '../state/order.ts';
import type { MetadataState } from '../state/state.ts';

/** Something that lowers the redundancy of a partition. */
export interface RepairTask {
  /** `refill`: a live owner lacks blocks. `replace`: an owner was given up. */
  readonly kind: 'refill' | 'replace';
  readonly partition: number;
  readonly node: NodeId;
  /** Live owners that have every block. */
  readonly remaining: number;
  readonly sinceMs: number;
}

/** All that must be repaired: what has the fewest good copies left first, then the oldest. */
export function repairTasks(state: MetadataState, nowMs: number): RepairTask[] {
  const tasks: RepairTask[] = [];
  for (const partition of state.partitions) {
    let remaining = 0;
    const found: { readonly kind: RepairTask['kind']; readonly node: NodeId; readonly sinceMs: number }[] = [];
    for (const node of partition.replicas) {
      const record = state.nodes.get(node);
      if (record === undefined) continue;
      if (record.liveness === 'up') {
        const sinceMs = partition.incompleteSince(node, nowMs);
        if (sinceMs === undefined) remaining += 1;
        else found.push({ kind: 'refill', node, sinceMs });
      } else if (record.replaced && partition.joining.length === 0) {
        found.push({ kind: 'replace', node, sinceMs: record.downSinceMs });
      }
    }
    for (const { kind, node, sinceMs } of found)
      tasks.push({ kind, partition: partition.number, node, remaining, sinceMs });
  }
  return tasks.sort(
    (a, b) => a.remaining - b.remaining || a.sinceMs - b.sinceMs || a.partition - b.partition || byName(a.node, b.node),
  );
}
