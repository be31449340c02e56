import { describe, expect, it } from 'vitest';
import { mapOf, said } from './testdata/events.ts';
import { ZonesCheck } from './zones.ts';

/** A partition on a and b, another one whose two replicas stand in the same zone. */
function verdict(canTake: (id: string) => boolean, early?: string): string {
  const map = mapOf(
    1,
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
    2,
  );
  const crowded = { ...map, nodes: map.nodes.map((node) => (node.id === 'd' ? { ...node, zone: 'zone-c' } : node)) };
  const check = new ZonesCheck();
  check.close(crowded, ({ id }) => canTake(id), early, 1_000);
  return said(check);
}

describe('I8 zones', () => {
  it('catches replicas in one zone where there are others', () => {
    expect(verdict(() => true)).toBe(
      'violated: 1 partitions stand in fewer than 2 zones, among them 1: c in zone-c, d in zone-c',
    );
  });

  it('holds where there is no other zone', () => {
    expect(verdict((id) => id > 'b')).toBe('held: 2 partitions');
  });

  it('does not judge where there was no time to set it right', () => {
    expect(verdict(() => true, 'the run ended')).toBe(
      'not-judged: 1 partitions stand in fewer than 2 zones, but the run ended',
    );
    const check = new ZonesCheck();
    check.close(undefined, () => true, undefined, 0);
    expect(said(check)).toBe('not-judged: there was no cluster map');
  });
});
