import { z } from 'zod';
import { type AlgorithmInfo, algorithmChoice } from '../store/algorithm.ts';
import type { BalancerDefinition } from '../store/balancer/balancer.ts';
import type { PlacementDefinition } from '../store/placement/placement.ts';
import type { RebalancerDefinition } from '../store/rebalance/rebalancer.ts';
import { fraction, notNegative, positive, strict, text, wholeFromOne, wholeFromZero } from '../traffic/fields.ts';
import { trafficSchema } from '../traffic/schema.ts';
import { byteSize, duration } from '../traffic/units.ts';
import { type Distribution, distributionSchema, serviceTimeSchema } from '../world/spec.ts';

/** The scenario file: cluster + traffic + faults + variants + checks, as its author writes it and as it is run. */

/** An algorithm by name, by the path of a file or as a definition of its author's; alone or with options. */
function algorithm<Definition extends AlgorithmInfo>() {
  const choice = algorithmChoice<Definition>();
  const options = z.record(z.string(), z.unknown());
  return z.union([
    choice.transform((name): { name: string | Definition; options: z.infer<typeof options> } => ({
      name,
      options: {},
    })),
    strict({ name: choice, options: options.default({}) }),
  ]);
}
const balancer = algorithm<BalancerDefinition<unknown>>();
const placement = algorithm<PlacementDefinition<unknown>>();
const rebalancer = algorithm<RebalancerDefinition<unknown>>();

const cpu = strict({
  cores: wholeFromOne.optional(),
  speed: positive.optional().describe('1 is nominal; 0.5 takes twice as long'),
  costs: z
    .record(z.string(), serviceTimeSchema)
    .optional()
    .describe('CPU time by kind of message, over the defaults of sim/experiment/machines.ts'),
});

const disk = strict({
  capacity: byteSize.optional(),
  seek: duration.optional(),
  bandwidthPerS: byteSize.optional(),
  sync: duration.optional(),
  queueDepth: wholeFromOne.optional().describe('operations in progress at once'),
});

const machine = { cpu: cpu.optional(), disk: disk.optional() };

const dataNodeOverride = strict({
  weight: positive.optional(),
  zone: text.optional(),
  rack: text.optional(),
  host: text.optional(),
  ...machine,
});

const latency: Record<'local' | 'rack' | 'zone' | 'cross-zone', Distribution> = {
  local: { kind: 'fixed', meanMs: 0.02 },
  rack: { kind: 'lognormal', meanMs: 0.1, sigma: 0.3 },
  zone: { kind: 'lognormal', meanMs: 0.2, sigma: 0.3 },
  'cross-zone': { kind: 'lognormal', meanMs: 0.8, sigma: 0.3 },
};

const network = strict({
  latency: strict({
    local: distributionSchema.default(latency.local),
    rack: distributionSchema.default(latency.rack),
    zone: distributionSchema.default(latency.zone),
    'cross-zone': distributionSchema.default(latency['cross-zone']),
  }).prefault({}),
  bandwidthPerS: byteSize.default(1.25e9).describe('of each machine, outgoing; 10 Gbit/s by default'),
  lossRate: fraction.default(0),
});

const settings = z.record(z.string(), z.unknown()).default({});

const client = strict({
  cacheBytes: byteSize
    .optional()
    .describe('memory for versions and small bodies; a body is used only once metadata has confirmed its version'),
  staleWithin: duration
    .optional()
    .describe('how old a read may be; by default it sees all that was acknowledged before'),
  hedge: strict({
    quantile: fraction.optional().describe('of recent latencies, after which a get is late; 0.95 by default'),
    maxExtra: fraction.optional().describe('hedges per get; 0.05 by default'),
  })
    .optional()
    .describe('late gets are asked for a second time through another gateway'),
  retryBudget: strict({ ratio: fraction.optional(), burst: notNegative.optional() })
    .optional()
    .describe('retries per request, 0.1 by default, and how many may be saved up'),
  reads: z
    .enum(['leader', 'any'], { error: 'accepted: leader or any' })
    .optional()
    .describe('which members of the metadata service are asked for what changes nothing'),
});

const clusterSchema = strict({
  zones: z.array(text).min(1).default(['a', 'b', 'c']),
  racksPerZone: wholeFromOne.default(1),
  data: strict({
    count: wholeFromOne.describe('data nodes that are there from the start: data-1, data-2, …, zone by zone'),
    standby: wholeFromZero.default(0).describe('further nodes, switched off until the operation add-nodes starts them'),
    weight: positive.default(1),
    overrides: z.record(z.string(), dataNodeOverride).default({}).describe('by node: what is different about it'),
    ...machine,
  }),
  gateways: strict({ count: wholeFromOne.default(2), ...machine }).prefault({}),
  metadata: strict({
    count: z.literal([1, 3, 5], { error: 'accepted: 1, 3 or 5' }).default(1).describe('members that found the group'),
    standby: wholeFromZero
      .default(0)
      .describe('further metadata nodes, switched off until the operation add-metadata-member starts them'),
    ...machine,
  })
    .refine(({ count, standby }) => standby === 0 || count > 1, {
      path: ['standby'],
      error: 'accepted: 0 where there is one member, whose log is not replicated',
    })
    .prefault({}),
  clients: strict({ count: wholeFromOne.default(3) }).prefault({}),
  client: client.optional().describe('what every client does beyond the plain way; settings.client has the rest'),
  network: network.prefault({}),
  replication: wholeFromOne.default(3),
  writeQuorum: wholeFromOne.default(2),
  partitions: wholeFromOne.default(256).describe('a power of two'),
  balancer: balancer.prefault('power-of-two'),
  placement: placement.prefault('weighted-rendezvous'),
  rebalancer: rebalancer.prefault('placement-target'),
  settings: strict({ client: settings, gateway: settings, dataNode: settings, metadata: settings })
    .prefault({})
    .describe('settings of the components, over their defaults: sim/store/<component>/config.ts'),
});

const budgetSchema = strict({
  worsePercent: notNegative.describe(
    'how much worse than the baseline the mean over seeds may be, in % of the baseline',
  ),
  worseAbsolute: notNegative.default(0).describe("… or in the figure's unit; the larger of the two counts"),
});

const variantSchema = strict({
  balancer: balancer.optional(),
  placement: placement.optional(),
  rebalancer: rebalancer.optional(),
  set: z.record(z.string(), z.unknown()).default({}).describe('any path of the scenario to another value'),
});

export const scenarioSchema = strict({
  name: text.regex(/^[a-z0-9][a-z0-9-]*$/, 'accepted: lower-case letters, digits and hyphens'),
  question: text,
  hypothesis: text,
  duration: duration.refine((value) => value > 0, 'accepted: more than 0'),
  warmup: duration.default(0).describe('cut from all figures'),
  cluster: clusterSchema,
  traffic: trafficSchema,
  faults: z.array(z.looseObject({ kind: text })).default([]),
  variants: z
    .record(z.string(), variantSchema)
    .refine((value) => Object.keys(value).length > 0, 'accepted: at least one variant'),
  baseline: text.optional().describe('the variant that the others are compared with; the first one by default'),
  seeds: wholeFromOne.default(5).describe('seeds 1 to this, unless --seeds says otherwise'),
  slo: z
    .record(z.string(), strict({ max: z.number().optional(), min: z.number().optional() }))
    .default({})
    .describe('by figure'),
  hotspot: strict({ factor: positive.default(2), for: duration.default(1_000) }).prefault({}),
  convergeWithin: duration
    .default(30_000)
    .describe(
      'after the last fault and the end of traffic, all must be whole again within this time, and that for which metadata waits for a node that never comes back (safeMode.limitMs, downAfterMs and replaceAfterMs)',
    ),
  checks: strict({
    linearizability: z
      .enum(['sampled', 'all', 'off'], { error: 'accepted: sampled, all or off' })
      .default('sampled')
      .describe('keys whose operations must be linearizable: a sample and the hottest, all up to 20,000, or none'),
    determinism: z
      .boolean()
      .default(false)
      .describe('whether the trial is run again, and without anybody looking on, and must take the same course'),
    rest: duration
      .default(0)
      .describe(
        'how long the store is watched at rest when all is whole: what is left over is judged only after its time',
      ),
  })
    .prefault({})
    .describe('how thorough the checks are; all others are always on'),
  gate: z.record(z.string(), budgetSchema).default({}).describe('budgets by figure: what `evenkeel gate` compares'),
});

/** What a scenario file's author writes. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
/** A scenario that was checked, with all its defaults. */
export type Scenario = z.output<typeof scenarioSchema>;
export type ClusterSpec = Scenario['cluster'];
/** The families that a scenario and its variants choose from. */
export const families = ['balancer', 'placement', 'rebalancer'] as const;
export type Family = (typeof families)[number];

export type FaultInput = Scenario['faults'][number];

/** Types a scenario where it is written; what it says is checked when it is loaded. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
