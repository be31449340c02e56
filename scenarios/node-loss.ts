import { defineScenario } from '../sim/experiment/scenario.ts';

export default defineScenario({
  name: 'node-loss',
  question:
    'A machine is gone for good. How long is redundancy reduced, and what does rebuilding it fast cost the clients?',
  hypothesis:
    'The lost replicas are rebuilt from all survivors at once, so time to full redundancy falls with the bandwidth that repair may take, until repair reads crowd out client reads on the disks and p99 rises.',
  duration: '90s',
  warmup: '3s',
  cluster: {
    data: { count: 9 },
    gateways: { count: 2 },
    clients: { count: 4 },
    partitions: 128,
    settings: { metadata: { downAfterMs: 5_000, replaceAfterMs: 10_000 } },
  },
  traffic: {
    rate: 350,
    keys: { count: 4_000, popularity: { kind: 'zipf', exponent: 0.9 } },
    sizes: { kind: 'lognormal', medianBytes: '256kb', sigma: 0.8, maxBytes: '4mb' },
    mix: { get: 0.95, put: 0.05 },
  },
  faults: [{ kind: 'crash', target: 'data-5', at: '10s', mode: 'machine' }],
  variants: {
    gentle: {
      set: {
        'cluster.settings.metadata.transfers.bytesPerSecond': 8e6,
        'cluster.settings.metadata.transfers.perNode': 1,
      },
    },
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
