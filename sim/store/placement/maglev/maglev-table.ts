import { hashText } from '../../hash/hash64.ts';
import { Word64 } from '../../hash/word64.ts';
import { xxh64 } from '../../hash/xxh64.ts';

/** One entrant for the slots of a table. */
export interface MaglevEntrant {
  /** Where its order of preference starts, 0 to the number of slots − 1. */
  readonly offset: number;
  /** How far it goes on each time, 1 to the number of slots − 1. */
  readonly skip: number;
  /** More than 0; the ratios alone matter. */
  readonly weight: number;
}

/**
 * Maglev's table: in turn, each entrant takes the first free slot in its order of preference. One of half the greatest
 * weight has every second turn, and so on.
 *
 * Source: D. Eisenbud et al., "Maglev: A fast and reliable software network load balancer" (2016), pseudocode 1; weights
 * as of Envoy, `maglev_lb.cc`.
 *
 * @param slots - A prime.
 * @returns For each slot the entrant's place in the list, which must not be empty.
 */
export function maglevTable(entrants: readonly MaglevEntrant[], slots: number): Int32Array {
  const table = new Int32Array(slots).fill(-1);
  const preferred = Int32Array.from(entrants, ({ offset }) => offset);
  const due = new Float64Array(entrants.length);
  const greatest = entrants.reduce((most, { weight }) => Math.max(most, weight), 0);
  let filled = 0;
  for (let turn = 1; filled < slots; turn++) {
    for (let place = 0; place < entrants.length && filled < slots; place++) {
      const { weight, skip } = entrants[place] ?? { weight: 0, skip: 1 };
      if (turn * weight < (due[place] ?? 0)) continue;
      due[place] = (due[place] ?? 0) + greatest;
      let slot = preferred[place] ?? 0;
      while (table[slot] !== -1) slot = around(slot + skip, slots);
      table[slot] = place;
      preferred[place] = around(slot + skip, slots);
      filled++;
    }
  }
  return table;
}

/** The remainder of a number below twice `slots`, without a division. */
function around(slot: number, slots: number): number {
  return slot < slots ? slot : slot - slots;
}

const offsetHash = xxh64(0);
const skipHash = xxh64(1);
const hash = new Word64();

/** The order of preference that Envoy gives a host of this name: by XXH64 with the seeds 0 and 1. */
export function envoyEntrant(name: string, weight: number, slots: number): MaglevEntrant {
  const offset = hashText(name, offsetHash, hash).modulo(slots);
  return { offset, skip: 1 + hashText(name, skipHash, hash).modulo(slots - 1), weight };
}
