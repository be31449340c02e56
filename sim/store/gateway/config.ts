import { z } from 'zod';
import { passiveHealthSchema } from '../passive-health.ts';
import { faultInLayer } from './layers.ts';

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
  balancer: z
    .strictObject({ name: z.string(), options: z.record(z.string(), z.unknown()).default({}) })
    .describe('which replica answers a read'),
  writeQuorum: z.int().min(1).default(2).describe('W: replicas on which a write must be durable before it is answered'),
  attemptTimeoutMs: z.number().positive().default(1_000).describe('how long one data node may take to answer a read'),
  writeTimeoutMs: z.number().positive().default(3_000).describe('how long a replica may take to make a block durable'),
  maxAttempts: z.int().min(1).default(3).describe('attempts at a read, the first included'),
  retryBudget: z
    .strictObject({ ratio: z.number().min(0).max(1).default(0.2), burst: z.number().min(0).default(10) })
    .prefault({})
    .describe('retries allowed per request, and how many may be saved up'),
  // A slow node is the balancer's business: leaving it out for its time-outs would hide how well each one copes.
  passiveHealth: passiveHealthSchema(false),
  retryAfterMs: z
    .number()
    .min(0)
    .default(100)
    .describe('what Retry-After says to requests that are shed or that no node can serve'),
  middleware: middlewareSchema.default(['deadline', 'max-in-flight']).describe('outermost first'),
  maxInFlight: z.int().min(1).default(4_096).describe('requests in progress beyond which new ones are shed'),
  mapPollMs: z.number().positive().default(10_000).describe('how often the map is asked for if nothing was heard'),
  metadataTimeoutMs: z.number().positive().default(1_000).describe('how long one member may take to answer'),
  metadataBackoffMs: z
    .number()
    .positive()
    .default(20)
    .describe('first pause before metadata is asked again; doubles each time, drawn with full jitter'),
  confirmEveryMs: z
    .number()
    .positive()
    .default(500)
    .describe(
      'how often late acknowledgements are passed on to metadata; none sooner than this after its write was answered',
    ),
});

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
