import { describe, expect, it } from 'vitest';
import { crc16, slotCount, slotOfKey, slotOfNumber } from './crc16.ts';
import { createSlots, rebalanceSlots, type SlotOwner } from './redis-slots.ts';

// Redis cluster specification, as recorded in hashes.json: the check value, and slots with and without hash tags.
const slots: readonly [string, number][] = [
  ['', 0],
  ['a', 15495],
  ['foo', 12182],
  ['bar', 5061],
  ['somekey', 11058],
  ['foo{hash_tag}', 2515],
  ['bar{hash_tag}', 2515],
  ['{user1000}.following', 3443],
  ['{user1000}.followers', 3443],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
];

function masters(...weights: readonly number[]): SlotOwner[] {
  return weights.map((weight, i) => ({ id: `m${i}`, weight }));
}

function counts(owners: readonly string[], of: readonly SlotOwner[]): number[] {
  return of.map(({ id }) => owners.filter((owner) => owner === id).length);
}

describe('Redis hash slots', () => {
  it('are by CRC16', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x31c3);
    for (const [key, slot] of slots) expect(slotOfKey(key)).toBe(slot);
    for (const number of [0, 7, 10, 99, 100, 1234567890]) expect(slotOfNumber(number)).toBe(slotOfKey(String(number)));
  });

  it('are created in runs: the documented 0–5460, 5461–10922, 10923–16383 of three masters', () => {
    const owners = createSlots(['m0', 'm1', 'm2']);
    expect(owners).toHaveLength(slotCount);
    expect([owners.lastIndexOf('m0'), owners.lastIndexOf('m1'), owners.lastIndexOf('m2')]).toEqual([
      5460, 10922, 16383,
    ]);
  });

  it('are rebalanced onto a new master with no other move', () => {
    const before = createSlots(['m0', 'm1', 'm2']);
    const all = masters(1, 1, 1, 1);
    const after = rebalanceSlots(before, all, 2);
    expect(counts(after, all)).toEqual([4096, 4096, 4096, 4096]);
    const moved = after.filter((owner, slot) => owner !== before[slot]);
    expect(new Set(moved)).toEqual(new Set(['m3']));
    // First slots first.
    expect(after.indexOf('m0')).toBe(before.lastIndexOf('m0') + 1 - 4096);
  });

  it('leave a master of weight 0', () => {
    const all = masters(0, 1, 1);
    const after = rebalanceSlots(createSlots(['m0', 'm1', 'm2']), all, 2);
    expect(counts(after, all)).toEqual([0, 8192, 8192]);
  });

  it('go by weight, and stay where all are within the threshold', () => {
    const all = masters(1, 2, 5);
    const even = createSlots(['m0', 'm1', 'm2']);
    const weighted = rebalanceSlots(even, all, 2);
    expect(counts(weighted, all)).toEqual([2048, 4096, 10240]);
    expect(rebalanceSlots(weighted, masters(1.01, 2, 5), 2)).toBe(weighted);
  });
});
