import { expect, it } from 'vitest';
import { type BalancerPromises, balancerConformance } from './balancer.conformance.ts';
import { balancers } from './registry.ts';

/** What each shipped balancer promises; more than one entry where an option changes its course. */
const promises: Record<string, readonly BalancerPromises[]> = {
  random: [
    { share: { of: 'weight', within: 0.1 } },
    { options: { weighted: false }, share: { of: 'equal', within: 0.1 } },
  ],
  'round-robin': [{ share: { of: 'equal', within: 0.001 }, exact: true }],
  'smooth-weighted-round-robin': [
    { share: { of: 'weight', within: 0.02 }, exact: true },
    { options: { maxFails: 3 }, share: { of: 'weight', within: 0.02 }, exact: true },
  ],
  // A ring of 160 points is uneven by about 1 / √160, and where a key fails over to is more so.
  'ring-hash': [
    { share: { of: 'weight', within: 0.35 } },
    { options: { hash: 'ketama' }, share: { of: 'weight', within: 0.35 } },
  ],
  'least-outstanding': [{ share: { of: 'weight', within: 0.02 }, exact: true }],
  // Idle backends tie, whatever their weight, and the draw decides.
  'power-of-two': [
    { share: { of: 'equal', within: 0.1 } },
    { options: { choices: 1 }, share: { of: 'equal', within: 0.1 } },
    { options: { choices: 3 }, share: { of: 'equal', within: 0.1 } },
  ],
};

it('what is promised is promised by balancers that exist', () => {
  expect([...balancers.keys()]).toEqual(expect.arrayContaining(Object.keys(promises)));
});

for (const definition of balancers.values()) {
  for (const each of promises[definition.name] ?? [{}]) balancerConformance(definition, each);
}
