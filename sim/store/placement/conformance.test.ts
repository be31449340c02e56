import { expect, it } from 'vitest';
import { type PlacementPromises, placementConformance } from './placement.conformance.ts';
import { placements } from './registry.ts';

/** A quarter more than the least in the mean, for the reason that `placementByHash` gives. */
const buckets: PlacementPromises = { weights: 'equal', disruption: 3, shareWithin: 0.22 };

const promises: Record<string, readonly PlacementPromises[]> = {
  // By the remainder of the number of nodes, nearly all of 3 × 24 replicas for a node that gets 3.
  modulo: [{ weights: 'equal', joins: 'last', disruption: 45, shareWithin: 0.01 }],
  // The lightest node has 64 points, hence a relative deviation of 12 % of its share of the ring, and of 15 % with
  // the 9 % that chance adds to its 137 of 8,192 partitions; the bound is three of them.
  ring: [{ shareWithin: 0.45 }, { options: { virtualNodes: 1000 }, shareWithin: 0.3 }],
  ketama: [{ shareWithin: 0.45 }],
  // The deviation of shares is 17 % with 21 probes; the bound is three of them.
  'multi-probe': [{ weights: 'equal', shareWithin: 0.5 }],
  // The chance deviation of 341 of 8,192 partitions is 5 %; the bound is four of them.
  rendezvous: [{ weights: 'equal', shareWithin: 0.22 }],
  'weighted-rendezvous': [{ shareWithin: 0.27 }],
  // In the mean, slots that change between the living cost a quarter more; for a node of one replica chance makes it 6.
  maglev: [{ options: { tableSize: 16_381 }, disruption: 6, shareWithin: 0.27 }],
  jump: [{ ...buckets, joins: 'last' }],
  'jump-back': [{ ...buckets, joins: 'last' }],
  binomial: [{ ...buckets, joins: 'last' }],
  power: [{ ...buckets, joins: 'last' }],
  flip: [{ ...buckets, joins: 'last' }],
  anchor: [{ ...buckets, options: { firstNumber: 0 } }],
  dx: [{ ...buckets, options: { firstNumber: 0, slots: 64 }, disruption: 1 }],
  memento: [{ ...buckets, options: { firstNumber: 0 } }],
  // A join changes the weights of all levels above it: 2.5 times the least in crushtool’s own vectors, more for few nodes.
  crush: [{ disruption: 4, shareWithin: 0.3 }],
  // A point that falls to the new node but finds its zone taken shifts those behind it.
  'random-slicing': [{ disruption: 2, shareWithin: 0.3 }],
  'hash-slots': [{ disruption: 1.5, shareWithin: 0.3 }],
  directory: [{ options: { partitions: 256 }, disruption: 2, shareWithin: 0.25 }],
  // Swift’s own figures: 101 moves for a node that gets 46; with one replica of three looked at, chance makes it more.
  'swift-ring': [{ options: { partPower: 7, rebalances: 2 }, disruption: 10, shareWithin: 0.3 }],
  // Where the first node of a partition leaves, all its replicas go to another group.
  copysets: [{ weights: 'equal', disruption: 3, shareWithin: 0.4 }],
};

it('every shipped placement is put to the test', () => {
  expect(Object.keys(promises)).toEqual([...placements.keys()]);
});

for (const definition of placements.values()) {
  for (const each of promises[definition.name] ?? []) placementConformance(definition, each);
}
