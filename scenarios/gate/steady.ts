import { defineScenario } from '../../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'gate-steady',
  question: 'Does any balancer spread a skewed steady load worse than before?',
  hypothesis: 'Nothing fails here, so each figure is the balancer and the queues alone.',
  duration: '8s',
  warmup: '1s',
  cluster: { data: { count: 6 }, gateways: { count: 2 }, clients: { count: 2 }, partitions: 64 },
  traffic: {
    rate: 500,
    keys: { count: 500, popularity: { kind: 'zipf', exponent: 0.9 } },
    sizes: { kind: 'fixed', bytes: '16kb' },
    mix: { get: 0.95, put: 0.05 },
  },
  variants: {
    'round-robin': { balancer: 'round-robin' },
    'ring-hash': { balancer: 'ring-hash' },
    'power-of-two': { balancer: 'power-of-two' },
  },
  seeds: 4,
  gate: {
    getP99Ms: { worsePercent: 10 },
    peakToMean: { worsePercent: 5 },
    availability: { worsePercent: 0.1 },
    attemptsPerRequest: { worsePercent: 2 },
  },
});
