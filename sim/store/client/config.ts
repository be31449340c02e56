import { z } from 'zod';
import { passiveHealthSchema } from '../passive-health.ts';

/** Settings of a client. Durations in virtual ms. */
export const clientConfigSchema = z.strictObject({
  metadata: z.array(z.string()).min(1).describe('members of the metadata service'),
  gateways: z.array(z.string()).min(1).describe('gateways to send blocks through, taken in turn'),
  deadlineMs: z.number().positive().default(5_000).describe('how long an operation may take in all'),
  gatewayTimeoutMs: z.number().positive().default(2_500).describe('how long one gateway may take'),
  maxAttempts: z.int().min(1).default(3).describe('attempts at one step of an operation, the first included'),
  retryBudget: z
    .strictObject({ ratio: z.number().min(0).max(1).default(0.1), burst: z.number().min(0).default(10) })
    .prefault({})
    .describe('retries allowed per operation, and how many may be saved up'),
  hedge: z
    .strictObject({
      quantile: z.number().min(0.5).max(0.999).default(0.95).describe('of recent latencies, after which a get is late'),
      maxExtra: z.number().min(0).max(1).default(0.05).describe('hedges allowed per get of a block …'),
      burst: z.number().min(0).default(5).describe('… and how many may be saved up'),
    })
    .optional()
    .describe('asks for a late block a second time, through another gateway; absent: never'),
  cacheBytes: z
    .number()
    .min(0)
    .default(0)
    .describe('what versions and small bodies of objects may take in memory; 0: nothing is remembered'),
  cachedBodyBytes: z
    .number()
    .min(0)
    .default(256 * 1024)
    .describe('bodies larger than this are not remembered'),
  staleWithinMs: z
    .number()
    .min(0)
    .default(0)
    .describe('how old a get or head may be by default; 0: it sees all that was acknowledged before'),
  metadataReads: z
    .enum(['leader', 'any'])
    .default('leader')
    .describe('which members of the metadata service are asked for what changes nothing'),
  passiveHealth: passiveHealthSchema(true).describe('leaves out gateways that have just failed'),
  backoffMs: z
    .number()
    .positive()
    .default(25)
    .describe('first pause before a retry; doubles each time, drawn with full jitter'),
  blockBytes: z
    .int()
    .min(1)
    .default(8 * 1024 * 1024)
    .describe('objects larger than this are cut into blocks'),
  parallelBlocks: z.int().min(1).default(4).describe('blocks of one object under way at once'),
  mapPollMs: z.number().positive().default(10_000).describe('how often the map is asked for if nothing was heard'),
  metadataTimeoutMs: z.number().positive().default(1_000).describe('how long one member may take to answer'),
  metadataBackoffMs: z
    .number()
    .positive()
    .default(20)
    .describe('first pause before metadata is asked again; doubles each time, drawn with full jitter'),
});

export type ClientConfig = z.infer<typeof clientConfigSchema>;
