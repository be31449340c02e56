import { expect, it } from 'vitest';
import { type RebalancerPromises, rebalancerConformance } from './rebalance.conformance.ts';
import { rebalancers } from './registry.ts';

const promises: Record<string, readonly RebalancerPromises[]> = {
  // Where placement wants a partition may be fuller than where it is.
  'placement-target': [{ maximum: 'guarded' }],
  // A replica more or less is much for a light node and little for a heavy one, but counts alike.
  'greedy-exceptions': [
    { evens: 'replicas', weights: 'equal', options: { maxDeviation: 1 } },
    { evens: 'replicas', maximum: 'guarded' },
  ],
  threshold: [{}, { options: { thresholdPercent: 2 } }],
  watermarks: [{ evens: 'replicas', weights: 'equal' }],
  goals: [{ evens: 'replicas', weights: 'equal' }],
  'weighted-move': [{}],
  optimal: [{}, { options: { tolerance: 0 } }],
  none: [{ drains: false }],
};

it('every shipped rebalancer is put to the test', () => {
  expect(Object.keys(promises)).toEqual([...rebalancers.keys()]);
});

for (const definition of rebalancers.values()) {
  for (const each of promises[definition.name] ?? []) rebalancerConformance(definition, each);
}
