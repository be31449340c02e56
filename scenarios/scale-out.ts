import { defineScenario } from '../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'scale-out',
  question:
    'Three nodes join a running cluster of nine. How much data moves, how close is that to the least possible, and when is the load even?',
  hypothesis:
    'Rendezvous hashing and the ring both move about what an even spread gives the new nodes, a quarter of the data, and the copies show in p99 while they run. The ring ends less even, because its arcs are uneven. Without a rebalancer nothing moves, p99 stays low, and the old nodes stay as full and as busy as they were.',
  duration: '60s',
  warmup: '3s',
  cluster: { data: { count: 9, standby: 3 }, gateways: { count: 2 }, clients: { count: 4 }, partitions: 128 },
  traffic: {
    rate: 400,
    keys: { count: 4_000, popularity: { kind: 'zipf', exponent: 0.7 } },
    sizes: { kind: 'lognormal', medianBytes: '256kb', sigma: 0.8, maxBytes: '4mb' },
    mix: { get: 0.95, put: 0.05 },
  },
  faults: [{ kind: 'add-nodes', target: ['data-10', 'data-11', 'data-12'], at: '10s' }],
  variants: {
    rendezvous: { placement: 'weighted-rendezvous' },
    ring: { placement: 'ring' },
    'no-rebalancer': { placement: 'weighted-rendezvous', rebalancer: 'none' },
  },
  baseline: 'rendezvous',
  seeds: 5,
});
