import { countTiers, type RingState } from './ring-state.ts';
import type { Tier } from './tier-tree.ts';

/**
 * Gives every unplaced replica to a device: from the cluster down, always into the tier that wants most of those that may still take one of this
 * partition. Who wants equally much is told apart by the device that wants most in it, then by chance.
 *
 * Source: OpenStack Swift, `RingBuilder._reassign_parts`. Where Swift would stop with "no home", the tier with the fewest replicas takes it.
 *
 * @param random - Whole numbers from 0 up to, but not including, the bound.
 */
export function reassign(state: RingState, random: (bound: number) => number): void {
  const { devices, tree, plan, rows, unplaced } = state;
  const wanted = new Int32Array(tree.tiers.length);
  for (const { wanted: more, tiers } of devices) {
    for (const tier of tiers) wanted[tier] = (wanted[tier] ?? 0) + Math.max(more, 0);
  }
  const children = childrenInOrder(state, random);
  const counts = new Int32Array(tree.tiers.length);
  for (const part of shuffled([...unplaced.keys()], random)) {
    countTiers(state, part, counts);
    for (const replica of unplaced.get(part) ?? []) {
      let tier = tree.cluster;
      while (tier.children.length > 0) tier = wantsMost(children[tier.index] ?? [], counts, plan.max, wanted);
      const place = tier.devices[0] ?? -1;
      const device = devices[place];
      if (device === undefined) throw new Error(`no home for ${part}/${replica}`);
      device.wanted--;
      device.parts++;
      for (const each of device.tiers) {
        wanted[each] = (wanted[each] ?? 0) - 1;
        counts[each] = (counts[each] ?? 0) + 1;
      }
      rows[replica]?.fill(place, part, part + 1);
      state.hours[part] = 0;
    }
  }
  unplaced.clear();
}

function wantsMost(tiers: readonly Tier[], counts: Int32Array, max: Float64Array, wanted: Int32Array): Tier {
  let best: Tier | undefined;
  let fewest: Tier | undefined;
  for (const tier of tiers) {
    const { index } = tier;
    if (fewest === undefined || (counts[index] ?? 0) < (counts[fewest.index] ?? 0)) fewest = tier;
    if ((counts[index] ?? 0) >= (max[index] ?? 0)) continue;
    if (best === undefined || (wanted[index] ?? 0) > (wanted[best.index] ?? 0)) best = tier;
  }
  const chosen = best ?? fewest;
  if (chosen === undefined) throw new Error('a tier without children is a device');
  return chosen;
}

/** For each tier, its children by what their best device wants, the least first. */
function childrenInOrder(
  { devices, tree }: RingState,
  random: (bound: number) => number,
): readonly (readonly Tier[])[] {
  const chances = devices.map(() => random(0x10000));
  const compare = (a: number, b: number) =>
    (devices[a]?.wanted ?? 0) - (devices[b]?.wanted ?? 0) || (chances[a] ?? 0) - (chances[b] ?? 0) || a - b;
  const best = tree.tiers.map(({ devices: below }) =>
    below.reduce((one, other) => (compare(one, other) < 0 ? other : one)),
  );
  return tree.tiers.map(({ children }) =>
    [...children].sort((a, b) => compare(best[a.index] ?? 0, best[b.index] ?? 0) || a.index - b.index),
  );
}

function shuffled(parts: number[], random: (bound: number) => number): number[] {
  for (let at = parts.length - 1; at > 0; at--) {
    const other = random(at + 1);
    const [one = 0, two = 0] = [parts[at], parts[other]];
    parts[at] = two;
    parts[other] = one;
  }
  return parts;
}
