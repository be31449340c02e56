import type { NodeId } from '../../../host.ts';
import { slotCount } from './crc16.ts';

/** A master and its share of the slots; 0 for one that is to be emptied. */
export interface SlotOwner {
  readonly id: NodeId;
  readonly weight: number;
}

/**
 * Who owns each slot in a new cluster: one run of slots each, as even as can be, whatever the weights.
 *
 * Source: `redis-cli --cluster create`, whose sums are in single precision.
 */
export function createSlots(masters: readonly NodeId[]): NodeId[] {
  const owners: NodeId[] = [];
  const each = Math.fround(slotCount / masters.length);
  let cursor = 0;
  masters.forEach((id, place) => {
    const planned = Math.round(Math.fround(Math.fround(cursor + each) - 1));
    const last = place === masters.length - 1 || planned > slotCount ? slotCount - 1 : planned;
    while (owners.length <= last) owners.push(id);
    cursor = Math.fround(cursor + each);
  });
  return owners;
}

/**
 * Who owns each slot after a rebalance over these masters, empty ones included. Each is off by what it has over or under its whole part of the
 * slots; he who lacks most takes from whom has most over, first slots first. Nothing moves while all are within the threshold.
 *
 * Source: `redis-cli --cluster rebalance --cluster-use-empty-masters --cluster-weight …`, in single precision where that is.
 *
 * @param threshold - Percent of what a master has, above 0.
 */
export function rebalanceSlots(
  owners: readonly NodeId[],
  masters: readonly SlotOwner[],
  threshold: number,
): readonly NodeId[] {
  const counts = new Map<NodeId, number>(masters.map(({ id }) => [id, 0]));
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  const total = masters.reduce((sum, { weight }) => Math.fround(sum + Math.fround(weight)), 0);
  let over = false;
  let surplus = 0;
  const balances = masters.map(({ id, weight }, place) => {
    const expected = Math.trunc(Math.fround(Math.fround(slotCount / total) * Math.fround(weight)));
    const count = counts.get(id) ?? 0;
    over ||= count > 0 ? Math.abs(100 - (100 * expected) / count) > threshold : expected > 1;
    surplus += count - expected;
    return { id, place, balance: count - expected };
  });
  if (!over) return owners;
  settleRounding(balances, surplus);
  balances.sort((a, b) => a.balance - b.balance || a.place - b.place);
  return transfer(owners, balances);
}

interface Balance {
  readonly id: NodeId;
  readonly place: number;
  /** Slots over (above 0) or lacking (below 0). */
  balance: number;
}

/** Whole parts add up to less than there is; the rest goes to those that have nothing over, one each in turn. */
function settleRounding(balances: readonly Balance[], surplus: number): void {
  let left = surplus;
  while (left > 0) {
    for (const each of balances) {
      if (each.balance > 0 || left === 0) continue;
      each.balance--;
      left--;
    }
  }
}

function transfer(owners: readonly NodeId[], balances: readonly Balance[]): readonly NodeId[] {
  const moved = [...owners];
  let taker = 0;
  let giver = balances.length - 1;
  while (taker < giver) {
    const to = balances[taker];
    const from = balances[giver];
    if (to === undefined || from === undefined) break;
    const slots = Math.min(Math.abs(to.balance), Math.abs(from.balance));
    let slot = -1;
    for (let n = 0; n < slots; n++) {
      slot = moved.indexOf(from.id, slot + 1);
      moved[slot] = to.id;
    }
    to.balance += slots;
    from.balance -= slots;
    if (to.balance === 0) taker++;
    if (from.balance === 0) giver--;
  }
  return moved;
}
