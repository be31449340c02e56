import { expect, it } from 'vitest';
import { type PlacementPromises, placementConformance } from './placement.conformance.ts';
import { placements } from './registry.ts';

const promises: Record<string, readonly PlacementPromises[]> = {
  // The lightest node has 64 points, hence a relative deviation of 12 % of its share of the ring, and of 15 % with
  // the 9 % that chance adds to its 137 of 8,192 partitions; the bound is three of them.
  ring: [{ shareWithin: 0.45 }, { options: { virtualNodes: 1000 }, shareWithin: 0.3 }],
  'weighted-rendezvous': [{ shareWithin: 0.27 }],
};

it('every shipped placement is put to the test', () => {
  expect(Object.keys(promises)).toEqual([...placements.keys()]);
});

for (const definition of placements.values()) {
  for (const each of promises[definition.name] ?? []) placementConformance(definition, each);
}
