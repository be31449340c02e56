import { defineScenario } from '../../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'gate-join',
  question: 'Does a joining node get its share with more bytes moved, or later, than before?',
  hypothesis: 'Rendezvous hashing moves close to the least possible, and no request fails meanwhile.',
  duration: '25s',
  warmup: '1s',
  cluster: { data: { count: 6, standby: 1 }, gateways: { count: 2 }, clients: { count: 2 }, partitions: 64 },
  traffic: {
    rate: 250,
    keys: { count: 500, popularity: { kind: 'zipf', exponent: 0.7 } },
    sizes: { kind: 'fixed', bytes: '64kb' },
    mix: { get: 0.95, put: 0.05 },
  },
  faults: [{ kind: 'add-nodes', target: 'data-7', at: '4s' }],
  variants: { rendezvous: { placement: 'weighted-rendezvous' }, ring: { placement: 'ring' } },
  seeds: 4,
  gate: {
    availability: { worsePercent: 0.1 },
    getP99Ms: { worsePercent: 10 },
    bytesMoved: { worsePercent: 3 },
    bytesMovedOverLeast: { worsePercent: 3 },
  },
});
