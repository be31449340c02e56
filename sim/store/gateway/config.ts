import { z } from 'zod';
import { algorithmChoice } from '../algorithm.ts';
import type { BalancerDefinition } from '../balancer/balancer.ts';
import { passiveHealthSchema } from '../passive-health.ts';
import { layerSettings } from './layer/config.ts';
import { faultInLayer } from './layers.ts';
import { policySettings } from './policy/config.ts';

/** Names of layers: checked here, so that a scenario is refused before anything starts. */
const middlewareSchema = z.array(z.string()).superRefine((names, context) => {
  names.forEach((_name, position) => {
    const fault = faultInLayer(names, position);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: [position], message: fault });
  });
});

/** Settings of a gateway. Durations in virtual ms. */
export const gatewayConfigSchema = z.strictObject({
  metadata: z.array(z.string()).min(1).describe('members of the metadata service'),
  zone: z.string().describe('where this gateway stands'),
  gateways: z
    .array(z.strictObject({ id: z.string(), zone: z.string() }))
    .default([])
    .describe('all gateways, for balancers that divide the data nodes between them; none where it is the only one'),
  balancer: z
    .strictObject({
      name: algorithmChoice<BalancerDefinition<unknown>>(),
      options: z.record(z.string(), z.unknown()).default({}),
    })
    .describe('which replica answers a read'),
  writeQuorum: z.int().min(1).default(2).describe('W: replicas on which a write must be durable before it is answered'),
  attemptTimeoutMs: z.number().positive().default(1_000).describe('how long one data node may take to answer a read'),
  writeTimeoutMs: z.number().positive().default(3_000).describe('how long a replica may take to make a block durable'),
  overdueMs: z
    .number()
    .positive()
    .default(1_000)
    .describe('a data node that was silent for so long has timed out, also where its caller gave up before those two'),
  maxAttempts: z.int().min(1).default(3).describe('attempts at a read, the first included'),
  retryBudget: z
    .strictObject({ ratio: z.number().min(0).max(1).default(0.2), burst: z.number().min(0).default(10) })
    .prefault({})
    .describe('retries allowed per request, and how many may be saved up'),
  // Another replica is asked at once: it has done nothing to be spared.
  retryBackoff: z
    .strictObject({ baseMs: z.number().min(0).default(0), maxMs: z.number().positive().default(100) })
    .prefault({})
    .describe('longest pause before a read’s first retry, 0 for none, and before any; doubles each time, full jitter'),
  // A slow node is the balancer's business: leaving it out for its time-outs would hide how well each one copes.
  passiveHealth: passiveHealthSchema(false),
  ...policySettings,
  middleware: middlewareSchema.default(['deadline', 'max-in-flight']).describe('outermost first'),
  ...layerSettings,
  mapPollMs: z.number().positive().default(10_000).describe('how often the map is asked for if nothing was heard'),
  metadataTimeoutMs: z.number().positive().default(1_000).describe('how long one member may take to answer'),
  metadataBackoffMs: z
    .number()
    .positive()
    .default(20)
    .describe('first pause before metadata is asked again; doubles each time, drawn with full jitter'),
  reportEveryMs: z
    .number()
    .positive()
    .default(1_000)
    .describe('how often metadata is told how the data nodes do, while there is traffic'),
  confirmEveryMs: z
    .number()
    .positive()
    .default(500)
    .describe(
      'how often late acknowledgements are passed on to metadata; none sooner than this after its write was answered',
    ),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
