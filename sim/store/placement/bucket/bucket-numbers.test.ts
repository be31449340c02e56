import { describe, expect, it } from 'vitest';
import { AlgorithmError } from '../../algorithm.ts';
import type { PlacementNode } from '../placement.ts';
import { createPlacement } from '../registry.ts';
import { bucketsOf, byName } from './bucket-numbers.ts';

function nodesOf(ids: readonly string[]): PlacementNode[] {
  return ids.map((id) => ({ id, weight: 1, zone: id, rack: 'r', host: 'h' }));
}

describe('the order of names', () => {
  it('is that of their texts, then of their numbers', () => {
    const ids = ['data-10', 'b', 'data-9', 'data-1', '7', 'a2', 'data-', 'data-01'];
    const ordered = ['7', 'a2', 'b', 'data-', 'data-01', 'data-1', 'data-9', 'data-10'];
    expect(byName(nodesOf(ids)).map(({ id }) => id)).toEqual(ordered);
    expect(byName(nodesOf([...ids].reverse())).map(({ id }) => id)).toEqual(ordered);
  });
});

describe('buckets by number', () => {
  it('counts from the first number', () => {
    expect(bucketsOf('x', nodesOf(['data-3', 'data-1', 'spare-12']), 1, 12)).toEqual([2, 0, 11]);
  });

  it.each([[['data-1', 'data']], [['data-1', 'data-0']], [['data-1', 'spare-1']], [['data-1', 'data-13']]])(
    'refuses %s: no number, one too small, one twice, one too large',
    (ids) => {
      const [, found] = ids;
      expect(() => bucketsOf('anchor', nodesOf(ids), 1, 12)).toThrow(AlgorithmError);
      expect(() => bucketsOf('anchor', nodesOf(ids), 1, 12)).toThrow(
        `placement "anchor": nodes: id: found "${found}", accepted: ids that end in distinct numbers from 1 (option firstNumber) to 12`,
      );
    },
  );
});

describe('membership', () => {
  const ids = Array.from({ length: 20 }, (_, i) => `data-${i + 1}`);
  const partitions = 4096;
  const owners = (name: string, of: readonly string[], options: unknown = {}) => {
    const placement = createPlacement(name, options, nodesOf(of));
    return Array.from({ length: partitions }, (_, partition) => placement.replicas(partition, 1).nodes[0]);
  };
  const moved = (before: readonly unknown[], after: readonly unknown[]) =>
    after.filter((owner, partition) => owner !== before[partition]).length;

  it.each(['jump', 'jump-back', 'binomial', 'power', 'flip'])(
    '%s moves the least as the last of 20 goes, and most data as the third does',
    (name) => {
      const all = owners(name, ids);
      const held = all.filter((owner) => owner === 'data-20').length;
      expect(moved(all, owners(name, ids.slice(0, 19)))).toBe(held);
      const without = ids.filter((id) => id !== 'data-3');
      expect(moved(all, owners(name, without))).toBeGreaterThan(0.6 * partitions);
    },
  );

  it.each([
    ['anchor', {}],
    ['dx', { slots: 64 }],
    ['memento', {}],
  ])('%s moves the least whichever of 20 goes, and as it or a new one comes', (name, options) => {
    const all = owners(name, ids, options);
    for (const one of ['data-1', 'data-3', 'data-20']) {
      const held = all.filter((owner) => owner === one).length;
      const without = ids.filter((id) => id !== one);
      expect(moved(all, owners(name, without, options)), one).toBe(held);
    }
    const grown = owners(name, [...ids, 'data-21'], options);
    expect(moved(all, grown)).toBe(grown.filter((owner) => owner === 'data-21').length);
  });

  it.each([
    ['anchor', {}, 3.2],
    ['dx', { slots: 64 }, 0],
    ['memento', {}, 3.2],
  ])(
    '%s with three gaps in the numbers also moves at most the keys of the gaps as a new one comes',
    (name, options, extra) => {
      const gapped = ids.filter((id) => !['data-3', 'data-9', 'data-14'].includes(id));
      const [before, after] = [owners(name, gapped, options), owners(name, [...gapped, 'data-21'], options)];
      const held = after.filter((owner) => owner === 'data-21').length;
      // Each of 20 numbers has 1 / 20 of the keys at first, those without a node, too.
      expect(moved(before, after) - held).toBeLessThanOrEqual((extra * partitions) / 20);
    },
  );
});
