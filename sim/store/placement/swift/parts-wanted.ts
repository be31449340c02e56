import type { ReplicaPlan } from './replica-plan.ts';
import type { Tier, TierTree } from './tier-tree.ts';

/**
 * Whole numbers of partition replicas for each device, as near to the plan's targets as adding up allows: each tier gets the whole part of its
 * target, and what is left goes round, one each, from the smallest target up.
 *
 * Source: OpenStack Swift, `RingBuilder._set_parts_wanted`.
 *
 * @returns by place of the device.
 */
export function partsWanted(tree: TierTree, plan: ReplicaPlan, parts: number, replicas: number): Int32Array {
  const wanted = new Int32Array(tree.paths.length);
  const place = (tier: Tier, count: number): void => {
    const device = tier.devices[0];
    if (tier.children.length === 0) {
      if (device !== undefined) wanted[device] = count;
      return;
    }
    let left = count;
    const shares = tier.children.map((child) => {
      const target = plan.target[child.index] ?? 0;
      const whole = Math.min(left, Math.floor(target * parts));
      left -= whole;
      return { child, target, whole };
    });
    const bySize = [...shares].sort((a, b) => a.target - b.target || a.child.index - b.child.index);
    while (left > 0) {
      for (const share of bySize) {
        if (left === 0) break;
        share.whole++;
        left--;
      }
    }
    for (const { child, whole } of shares) place(child, whole);
  };
  place(tree.cluster, parts * replicas);
  return wanted;
}
