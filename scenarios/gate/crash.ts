import { defineScenario } from '../../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'gate-crash',
  question: 'Does a lost machine cost clients or redundancy more than before?',
  hypothesis:
    'Retries on other replicas hide the crash from readers; the lost replicas are rebuilt within the time that the throttle allows.',
  duration: '25s',
  warmup: '1s',
  cluster: {
    data: { count: 6 },
    gateways: { count: 2 },
    clients: { count: 2 },
    partitions: 64,
    settings: { metadata: { downAfterMs: 4_000, replaceAfterMs: 8_000 } },
  },
  traffic: {
    rate: 250,
    keys: { count: 500, popularity: { kind: 'zipf', exponent: 0.9 } },
    sizes: { kind: 'fixed', bytes: '64kb' },
    mix: { get: 0.9, put: 0.1 },
  },
  faults: [{ kind: 'crash', target: 'data-2', at: '4s', mode: 'machine' }],
  variants: { 'power-of-two': {} },
  seeds: 4,
  gate: {
    availability: { worsePercent: 0.1 },
    getP99Ms: { worsePercent: 10 },
    bytesMoved: { worsePercent: 3 },
    timeToFullRedundancyMs: { worsePercent: 5 },
  },
});
