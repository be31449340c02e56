import { defineScenario } from '../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'flash-crowd',
  question:
    'When a crowd comes for one object, which balancer spreads it over the three replicas, and what do the other users feel?',
  hypothesis:
    'A ring sends every read of the hot key to the same replica, whose queue grows for as long as the crowd stays; everything else that lives on that node waits too. Round robin and power of two choices share the key over its three replicas and stay below saturation.',
  duration: '30s',
  warmup: '3s',
  cluster: { data: { count: 12 }, gateways: { count: 2 }, clients: { count: 6 } },
  traffic: {
    rate: 500,
    keys: { count: 5_000, popularity: { kind: 'zipf', exponent: 0.8 } },
    sizes: { kind: 'lognormal', medianBytes: '16kb', sigma: 1, maxBytes: '1mb' },
    mix: { get: 0.97, put: 0.03 },
    phases: [{ kind: 'flash-crowd', at: '10s', duration: '10s', rateFactor: 1.8, hotKey: { share: 0.4 } }],
  },
  faults: [],
  variants: {
    'ring-hash': { balancer: 'ring-hash' },
    'round-robin': { balancer: 'round-robin' },
    'least-outstanding': { balancer: 'least-outstanding' },
    'power-of-two': { balancer: 'power-of-two' },
  },
  baseline: 'ring-hash',
  seeds: 5,
});
