import { z } from 'zod';
import { fraction, notNegative, positive, strict, text, wholeFromOne, wholeFromZero } from '../traffic/fields.ts';
import { trafficSchema } from '../traffic/schema.ts';
import { byteSize, duration } from '../traffic/units.ts';
import { type Distribution, distributionSchema, serviceTimeSchema } from '../world/spec.ts';

/** The scenario file: cluster + traffic + faults + variants + checks, as its author writes it and as it is run. */

/** An algorithm by name, or with options. */
const algorithm = z
  .union([text, strict({ name: text, options: z.record(z.string(), z.unknown()).default({}) })])
  .transform((value) => (typeof value === 'string' ? { name: value, options: {} } : value));

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
    count: z.literal([1, 3, 5], { error: 'accepted: 1, 3 or 5' }).default(1),
    ...machine,
  }).prefault({}),
  clients: strict({ count: wholeFromOne.default(3) }).prefault({}),
  network: network.prefault({}),
  replication: wholeFromOne.default(3),
  writeQuorum: wholeFromOne.default(2),
  partitions: wholeFromOne.default(256).describe('a power of two'),
  balancer: algorithm.prefault('power-of-two'),
  placement: algorithm.prefault('weighted-rendezvous'),
  rebalancer: algorithm.prefault('placement-target'),
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
  balancer: algorithm.optional(),
  placement: algorithm.optional(),
  rebalancer: algorithm.optional(),
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
    .describe('after the last fault and the end of traffic, all must be whole again within this time'),
  gate: z.record(z.string(), budgetSchema).default({}).describe('budgets by figure: what `evenkeel gate` compares'),
});

/** What a scenario file's author writes. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
/** A scenario that was checked, with all its defaults. */
export type Scenario = z.output<typeof scenarioSchema>;
export type ClusterSpec = Scenario['cluster'];
export type AlgorithmChoice = Scenario['cluster']['balancer'];

export type FaultInput = Scenario['faults'][number];

/** Types a scenario where it is written; what it says is checked when it is loaded. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
