import { defineScenario } from '../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'drain',
  question:
    'An operator drains a node for maintenance while clients read and write. Does anybody notice, and when may it be switched off?',
  hypothesis:
    'Each partition is copied, verified and handed over before the old copy goes, so redundancy is never reduced and no request fails; the cost is disk time on the drained node and its receivers, which shows in p99 while the copies run, more so the faster they run.',
  duration: '50s',
  warmup: '3s',
  cluster: { data: { count: 9 }, gateways: { count: 2 }, clients: { count: 4 }, partitions: 128 },
  traffic: {
    rate: 350,
    keys: { count: 3_000, popularity: { kind: 'zipf', exponent: 0.8 } },
    sizes: { kind: 'lognormal', medianBytes: '256kb', sigma: 0.8, maxBytes: '4mb' },
    mix: { get: 0.95, put: 0.05 },
  },
  faults: [{ kind: 'drain', target: 'data-4', at: '8s' }],
  variants: {
    gentle: { set: { 'cluster.settings.metadata.transfers.bytesPerSecond': 8e6 } },
    default: {},
    hurried: {
      set: {
        'cluster.settings.metadata.transfers.bytesPerSecond': 128e6,
        'cluster.settings.metadata.transfers.perNode': 4,
      },
    },
  },
  baseline: 'default',
  seeds: 5,
});
