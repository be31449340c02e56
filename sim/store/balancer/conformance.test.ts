import { expect, it } from 'vitest';
import { type BalancerPromises, balancerConformance } from './balancer.conformance.ts';
import { balancers } from './registry.ts';

/** What each shipped balancer promises; more than one entry where an option changes its course. */
const promises: Record<string, readonly BalancerPromises[]> = {
  random: [
    { share: { of: 'weight', within: 0.1 } },
    { options: { weighted: false }, share: { of: 'equal', within: 0.1 } },
  ],
  'weighted-random': [{ share: { of: 'weight', within: 0.1 } }],
  'round-robin': [{ share: { of: 'equal', within: 0.001 }, exact: true }],
  'smooth-weighted-round-robin': [
    { share: { of: 'weight', within: 0.02 }, exact: true },
    { options: { maxFails: 3 }, share: { of: 'weight', within: 0.02 }, exact: true },
  ],
  'static-stride': [{ share: { of: 'weight', within: 0.02 } }],
  'earliest-deadline-first': [{ share: { of: 'weight', within: 0.05 } }],
  // A ring of 160 points is uneven by about 1 / √160, and where a key fails over to is more so.
  'ring-hash': [{ share: { of: 'weight', within: 0.35 } }],
  ketama: [{ share: { of: 'weight', within: 0.35 } }],
  // Where keys fail over to hangs on 32,768 hashes and few tries.
  'nginx-hash': [{ share: { of: 'weight', within: 0.25 } }, { options: { maxTries: 0 } }],
  'nginx-hash-consistent': [{ share: { of: 'weight', within: 0.35 } }],
  'haproxy-map': [
    { options: { avalanche: true }, share: { of: 'weight', within: 0.35 } },
    { options: { hash: 'wt6' } },
  ],
  'haproxy-consistent': [{ share: { of: 'weight', within: 0.6 } }, { options: { hashBalanceFactor: 125 } }],
  'envoy-ring-hash': [
    { options: { maxRingSize: 4096 }, share: { of: 'weight', within: 0.35 } },
    { options: { minRingSize: 64, maxRingSize: 512, hash: 'murmur64a-envoy', hashBalanceFactor: 120 } },
  ],
  maglev: [
    { options: { tableSize: 1009 }, share: { of: 'weight', within: 0.12 } },
    { options: { tableSize: 251, hash: 'siphash24-maglev', hashBalanceFactor: 120 } },
  ],
  // Keys fall by chance: about 3 % off, of a thousand.
  rendezvous: [
    { share: { of: 'weight', within: 0.12 } },
    { options: { hash: 'fnv1a-64' }, share: { of: 'weight', within: 0.12 } },
  ],
  'bounded-load-ring': [{ share: { of: 'weight', within: 0.35 } }, { options: { mean: 'floored' } }],
  'zone-aware': [
    { share: { of: 'weight', within: 0.1 } },
    { options: { within: 'smooth-weighted-round-robin' }, share: { of: 'weight', within: 0.02 }, exact: true },
  ],
  // One gateway alone talks to all, while there are no more than that.
  'deterministic-subset': [
    { share: { of: 'equal', within: 0.001 }, exact: true },
    { options: { within: 'power-of-two' }, share: { of: 'equal', within: 0.1 } },
  ],
  'deterministic-aperture': [{ share: { of: 'equal', within: 0.1 } }],
  'least-outstanding': [{ share: { of: 'weight', within: 0.02 }, exact: true }],
  // Idle backends tie, whatever their weight, and the draw decides.
  'power-of-two': [
    { share: { of: 'equal', within: 0.1 } },
    { options: { choices: 1 }, share: { of: 'equal', within: 0.1 } },
    { options: { choices: 3 }, share: { of: 'equal', within: 0.1 } },
  ],
  'power-of-d': [{ share: { of: 'equal', within: 0.1 } }, { options: { d: 5 }, share: { of: 'equal', within: 0.1 } }],
  'weighted-least-request': [
    { share: { of: 'weight', within: 0.05 } },
    { options: { activeRequestBias: 0.5 }, share: { of: 'weight', within: 0.05 } },
  ],
  'join-shortest-queue': [{ share: { of: 'equal', within: 0.1 } }],
  'join-idle-queue': [{ share: { of: 'equal', within: 0.001 }, exact: true }],
  ewma: [{ share: { of: 'equal', within: 0.1 } }],
  'peak-ewma': [{ share: { of: 'equal', within: 0.1 } }],
  prequal: [{ share: { of: 'equal', within: 0.12 } }, { options: { hotQuantile: 0, poolSize: 2 } }],
  // Rates drift apart by chance as they grow and fall.
  c3: [{}, { options: { rateControl: false }, share: { of: 'equal', within: 0.1 } }],
};

it('what is promised is promised by balancers that exist', () => {
  expect([...balancers.keys()]).toEqual(expect.arrayContaining(Object.keys(promises)));
});

for (const definition of balancers.values()) {
  for (const each of promises[definition.name] ?? [{}]) balancerConformance(definition, each);
}
