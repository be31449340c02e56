import { canMove, countTiers, type RingDevice, type RingState, take } from './ring-state.ts';

/** Which replicas a rebalance takes from their devices, in Swift's words: gathers. Source: OpenStack Swift, `RingBuilder._gather_parts_…`. */

/** Takes replicas from tiers that have more of a partition than the plan allows. */
export function gatherForDispersion(state: RingState): void {
  const { plan, parts, tree } = state;
  const counts = new Int32Array(tree.tiers.length);
  for (let part = 0; part < parts; part++) {
    if (!canMove(state, part)) continue;
    const placed = countTiers(state, part, counts);
    const crowded = ofMostOverweight(state, part, placed, ({ tiers }) =>
      tiers.some((tier) => (counts[tier] ?? 0) > (plan.max[tier] ?? 0)),
    );
    for (const { device, replica } of crowded) {
      // Once one replica has moved, another may only if it shares its very device.
      const onDevice = counts[device.tiers.at(-1) ?? 0] ?? 0;
      if (!canMove(state, part) && onDevice <= 1) continue;
      take(state, part, replica);
      for (const tier of device.tiers) counts[tier] = (counts[tier] ?? 0) - 1;
    }
  }
}

/** Takes from devices that hold too many, first where a device that wants more stands as well dispersed. */
export function gatherForBalance(state: RingState, start: number, dispersedFirst: boolean): void {
  if (dispersedFirst) gatherDispersed(state, start);
  for (let offset = 0; offset < state.parts; offset++) {
    const part = (start + offset) % state.parts;
    if (!canMove(state, part)) continue;
    const [worst] = overweight(state, part, state.rows.keys());
    if (worst !== undefined) take(state, part, worst.replica);
  }
}

function gatherDispersed(state: RingState, start: number): void {
  const { plan, parts, tree } = state;
  const counts = new Int32Array(tree.tiers.length);
  const wanted = new Int32Array(tree.tiers.length);
  for (const { wanted: more, tiers } of state.devices) {
    for (const tier of tiers) wanted[tier] = (wanted[tier] ?? 0) + Math.max(more, 0);
  }
  for (let offset = 0; offset < parts; offset++) {
    const part = (start + offset) % parts;
    if (!canMove(state, part)) continue;
    const placed = countTiers(state, part, counts);
    for (const { device, replica } of overweight(state, part, placed)) {
      const { tiers } = device;
      const mayGo = tiers.every((tier) => {
        const count = counts[tier] ?? 0;
        return count < (plan.min[tier] ?? 0) || count >= (plan.max[tier] ?? 0);
      });
      if (!mayGo || !siblingsWant(state, tiers, counts, wanted)) continue;
      take(state, part, replica);
      for (const tier of tiers) wanted[tier] = (wanted[tier] ?? 0) - 1;
      break;
    }
  }
}

/** Whether others below the lowest tier that must keep its replica want more. */
function siblingsWant(state: RingState, tiers: readonly number[], counts: Int32Array, wanted: Int32Array): boolean {
  const bound = tiers.findLast((tier) => (counts[tier] ?? 0) - 1 < (state.plan.min[tier] ?? 0)) ?? tiers[0] ?? 0;
  let sum = 0;
  for (const { index } of state.tree.tiers[bound]?.children ?? []) {
    if (!tiers.includes(index)) sum += wanted[index] ?? 0;
  }
  return sum > 0;
}

interface Placed {
  readonly device: RingDevice;
  readonly replica: number;
}

function overweight(state: RingState, part: number, replicas: Iterable<number>): Placed[] {
  return ofMostOverweight(state, part, replicas, ({ wanted }) => wanted < 0);
}

/** Replicas on devices of a kind, those first that have most over. */
function ofMostOverweight(
  { rows, devices }: RingState,
  part: number,
  replicas: Iterable<number>,
  isWanted: (device: RingDevice) => boolean,
): Placed[] {
  const found: Placed[] = [];
  for (const replica of replicas) {
    const device = devices[rows[replica]?.[part] ?? -1];
    if (device !== undefined && isWanted(device)) found.push({ device, replica });
  }
  return found.sort((a, b) => a.device.wanted - b.device.wanted || a.replica - b.replica);
}
