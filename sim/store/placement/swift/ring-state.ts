import type { PlacementNode } from '../placement.ts';
import type { ReplicaPlan } from './replica-plan.ts';
import type { TierTree } from './tier-tree.ts';

/** No device. */
export const nobody = -1;

/** A device of the ring while it is rebalanced. */
export interface RingDevice {
  readonly node: PlacementNode;
  /** Indexes of its tiers from region to device. */
  readonly tiers: readonly number[];
  /** Partition replicas that it holds. */
  parts: number;
  /** How many more it should hold; below 0 it has too many. */
  wanted: number;
}

/** What the steps of one rebalance share. */
export interface RingState {
  /** Partitions, a power of two. */
  readonly parts: number;
  /** `rows[r][p]`: the device of replica r of partition p, as a place in `devices`; Swift's `replica2part2dev`. */
  readonly rows: readonly Int32Array[];
  readonly devices: readonly RingDevice[];
  readonly tree: TierTree;
  readonly plan: ReplicaPlan;
  readonly minPartHours: number;
  /** Hours since a replica of the partition last moved, at most 255. */
  readonly hours: Uint8Array;
  /** 1 for partitions of which a replica moves in this rebalance: no second one may. */
  readonly moved: Uint8Array;
  /** Replicas without a device, by partition in the order in which they were taken. */
  readonly unplaced: Map<number, number[]>;
}

/** Whether another replica of the partition may move now. */
export function canMove({ hours, moved, minPartHours }: RingState, part: number): boolean {
  return (hours[part] ?? 0) >= minPartHours && moved[part] === 0;
}

/** Notes that a replica of the partition moves now. */
export function markMoved({ hours, moved }: RingState, part: number): void {
  hours[part] = 0;
  moved[part] = 1;
}

/** Takes a replica from its device, to be placed anew. */
export function take(state: RingState, part: number, replica: number): void {
  const device = state.devices[state.rows[replica]?.[part] ?? nobody];
  if (device !== undefined) {
    device.wanted++;
    device.parts--;
  }
  state.rows[replica]?.fill(nobody, part, part + 1);
  const taken = state.unplaced.get(part);
  if (taken === undefined) state.unplaced.set(part, [replica]);
  else taken.push(replica);
  markMoved(state, part);
}

/** Counts the replicas of a partition in each tier into `counts`, and returns the replicas that have devices. */
export function countTiers(state: RingState, part: number, counts: Int32Array): number[] {
  counts.fill(0);
  const placed: number[] = [];
  state.rows.forEach((row, replica) => {
    const device = state.devices[row[part] ?? nobody];
    if (device === undefined) return;
    placed.push(replica);
    for (const tier of device.tiers) counts[tier] = (counts[tier] ?? 0) + 1;
  });
  return placed;
}
