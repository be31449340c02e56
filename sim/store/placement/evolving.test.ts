import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEvolving } from './evolving.ts';
import type { Placement, PlacementNode } from './placement.ts';
import { createPlacement, evolvePlacement, placements } from './registry.ts';

const partitions = 128;
const replicas = 3;
/** Small tables, for speed. */
const options = new Map<string, unknown>([
  ['directory', { partitions }],
  ['swift-ring', { partPower: 7 }],
]);

function node(n: number): PlacementNode {
  const id = `data-${String(n).padStart(2, '0')}`;
  return { id, weight: 1, zone: `zone-${n % 5}`, rack: id, host: id };
}

function setsOf(placement: Placement): (readonly string[])[] {
  return Array.from({ length: partitions }, (_, partition) => placement.replicas(partition, replicas).nodes);
}

function arrivals(before: Placement, after: Placement): number {
  const old = setsOf(before);
  return setsOf(after).reduce((sum, set, p) => sum + set.filter((id) => old[p]?.includes(id) === false).length, 0);
}

function history(name: string, memberships: readonly (readonly number[])[]): Placement {
  const [first = [], ...rest] = memberships.map((numbers) => numbers.map(node));
  let placement = createPlacement(name, options.get(name), first);
  for (const nodes of rest) placement = evolvePlacement(name, options.get(name), placement, nodes);
  return placement;
}

const evolving = [...placements.keys()].filter((name) =>
  isEvolving(createPlacement(name, options.get(name), [1, 2, 3].map(node))),
);
const members = fc.uniqueArray(fc.nat(14), { minLength: 5, maxLength: 12 });
const histories = fc.array(members, { minLength: 2, maxLength: 5 });
const runs = { seed: 1, numRuns: 10 };

it('tables remember, and nothing else does', () => {
  expect(evolving).toEqual(['random-slicing', 'hash-slots', 'directory', 'swift-ring', 'copysets']);
});

describe.each(evolving)('%s, evolving', (name) => {
  it('keeps replicas on distinct members in distinct zones, and is a function of the history alone', () => {
    fc.assert(
      fc.property(histories, (memberships) => {
        const placement = history(name, memberships);
        const last = memberships.at(-1) ?? [];
        const ids = new Set(last.map((n) => node(n).id));
        const zones = Math.min(replicas, new Set(last.map((n) => n % 5)).size);
        const wrong = setsOf(placement).filter((set) => {
          const apart = new Set(set.map((id) => Number(id.slice(5)) % 5)).size === zones;
          return !apart || new Set(set).size !== replicas || !set.every((id) => ids.has(id));
        });
        expect(wrong).toEqual([]);
        const turned = memberships.map((numbers) => [...numbers].reverse());
        expect(setsOf(history(name, turned))).toEqual(setsOf(placement));
      }),
      runs,
    );
  });

  it('leaves the placement before as it was', () => {
    const before = history(name, [[0, 1, 2, 3, 4, 5, 6, 7]]);
    const sets = setsOf(before);
    evolvePlacement(name, options.get(name), before, [1, 2, 3, 4, 9].map(node));
    expect(setsOf(before)).toEqual(sets);
  });

  it('moves far less than a table built anew when one of 20 nodes comes and goes', () => {
    const some = Array.from({ length: 19 }, (_, n) => n + 1);
    const before = history(name, [some]);
    const grown = history(name, [some, [...some, 0]]);
    const back = history(name, [some, [...some, 0], some]);
    const anew = arrivals(before, history(name, [[...some, 0]]));
    // The least for a join is 1 / 20 of the replicas: 19.
    expect(arrivals(before, grown)).toBeLessThan(Math.min(anew, 0.15 * partitions * replicas));
    expect(arrivals(grown, back)).toBeLessThan(0.15 * partitions * replicas);
  });

  it('refuses nodes that make no sense', () => {
    const before = history(name, [[0, 1, 2, 3]]);
    expect(() => evolvePlacement(name, options.get(name), before, [])).toThrow(
      'nodes: found 0, accepted: at least one',
    );
    expect(() => evolvePlacement(name, options.get(name), before, [node(1), node(1)])).toThrow('each id once');
  });
});
