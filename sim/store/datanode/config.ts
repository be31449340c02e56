import { z } from 'zod';

/** Settings of a data node. Durations in ms, sizes in bytes. */
export const dataNodeConfigSchema = z.strictObject({
  metadata: z.array(z.string().min(1)).min(1).describe('members of the metadata service'),
  zone: z.string().min(1).describe('failure domain: no two replicas of a partition share one if that can be helped'),
  rack: z.string().min(1),
  host: z.string().min(1).describe('the machine, which may carry several nodes'),
  weight: z.number().positive().default(1).describe('share of the data beside the other nodes'),
  segmentBytes: z
    .int()
    .min(4_096)
    .default(64 * 1024 * 1024)
    .describe('charged length at which a new segment begins'),
  fsync: z
    .enum(['always-group', 'never'])
    .default('always-group')
    .describe('always-group: acknowledged when synced, many appends sharing one sync; never: when written'),
  compactionLiveShare: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.5)
    .describe('a full segment with less live data is rewritten'),
  readOnlyRatio: z.number().gt(0).max(1).default(0.95).describe('fullness beyond which new blocks are refused'),
  maxBlockBytes: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024)
    .describe('largest declared size of a block'),
  maxInFlight: z.int().min(1).default(1_024).describe('requests in progress beyond which new ones are refused'),
  maxCopiesOut: z.int().min(1).default(16).describe('copies for other nodes in progress at once'),
  scanWindowBytes: z
    .int()
    .min(4_096)
    .default(256 * 1024)
    .describe('how much is read at once at start-up and in compaction'),
  transferWindow: z.int().min(1).default(4).describe('blocks in progress at once in one transfer'),
  transferTimeoutMs: z.number().positive().default(10_000).describe('how long a source may take for one block'),
  transferRounds: z
    .int()
    .min(1)
    .default(3)
    .describe('times that all sources are asked for a block before it is given up'),
  transferRetryMs: z.number().positive().default(200).describe('pause between two rounds'),
  metadataTimeoutMs: z.number().positive().default(1_000).describe('how long one metadata member may take to answer'),
  metadataBackoffMs: z.number().positive().default(50).describe('first pause before metadata is asked again'),
  registerTimeoutMs: z.number().positive().default(5_000).describe('after so long a registration starts afresh'),
});

/** Settings of a data node, complete. */
export type DataNodeConfig = Readonly<z.infer<typeof dataNodeConfigSchema>>;
