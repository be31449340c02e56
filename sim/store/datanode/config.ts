import { z } from 'zod';

const ms = (byDefault: number) => z.number().positive().default(byDefault);
/** In bytes per second. */
const rate = (byDefault: number) => z.number().positive().default(byDefault);

const settings = z.strictObject({
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
  compactionBytesPerSecond: rate(64 * 1024 * 1024).describe(
    'how fast segments are rewritten, read and written together',
  ),
  compactionPatienceMs: ms(50).describe('how long requests may put off one step of a compaction'),
  scrub: z.enum(['on', 'off']).default('on').describe('whether all blocks are read and verified time and again'),
  scrubBytesPerSecond: rate(1024 * 1024).describe('how fast blocks are verified; as HDFS does by default'),
  scrubWindowBytes: z
    .int()
    .min(1)
    .default(256 * 1024)
    .describe('declared bytes of neighbouring blocks that are verified by one read'),
  scrubPassMs: ms(60_000).describe('least time between the beginnings of two passes; the first begins at random in it'),
  scrubCheckpointMs: ms(30_000).describe('time between two notes of how far a pass has come'),
  scrubPatienceMs: ms(1_000).describe('how long requests may put off one step of the scrub'),
  yieldAboveInFlight: z
    .int()
    .min(0)
    .default(4)
    .describe('requests in progress beyond which scrub and compaction wait for their patience'),
  readOnlyRatio: z.number().gt(0).max(1).default(0.95).describe('fullness beyond which new blocks are refused'),
  readOnlyHysteresis: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.02)
    .describe('how far the fullness must fall below readOnlyRatio before new blocks are accepted again'),
  repairReserve: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.02)
    .describe('share of the disk beyond readOnlyRatio that copies for repairs and moves may use'),
  deleteReserve: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.01)
    .describe('share of the disk that only tombstones may use, so that deletes always work'),
  noSpaceRetryMs: ms(5_000).describe('how long no block is accepted after the disk itself had no space'),
  failingErrors: z
    .int()
    .min(1)
    .default(5)
    .describe('failed operations within failingWindowMs that put a disk in doubt'),
  failingWindowMs: ms(60_000),
  unreadableMs: ms(60_000).describe('a block that the disk would not read for so long is given up, and repaired'),
  leaseGuards: z
    .enum(['writes', 'reads-and-writes'])
    .default('writes')
    .describe('what is refused once the lease has run out; blocks never change, so reads are safe without one'),
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
  unreachableMs: ms(10_000).describe('how long a peer that a copy could not be fetched of is reported'),
  leaveEveryMs: ms(1_000).describe('time between two questions of a leaving node whether it may go'),
  metadataTimeoutMs: z.number().positive().default(1_000).describe('how long one metadata member may take to answer'),
  metadataBackoffMs: z.number().positive().default(50).describe('first pause before metadata is asked again'),
  registerTimeoutMs: z.number().positive().default(5_000).describe('after so long a registration starts afresh'),
});

/** Settings of a data node. Durations in ms, sizes in bytes, rates in bytes per second. */
export const dataNodeConfigSchema = settings.check(({ value, issues }) => {
  const { readOnlyRatio, repairReserve, deleteReserve } = value;
  if (readOnlyRatio + repairReserve + deleteReserve <= 1) return;
  issues.push({
    code: 'custom',
    path: ['readOnlyRatio'],
    input: readOnlyRatio,
    message: `found ${readOnlyRatio}, with repairReserve ${repairReserve} and deleteReserve ${deleteReserve}; accepted: a sum of at most 1`,
  });
});

/** Settings of a data node, complete. */
export type DataNodeConfig = Readonly<z.infer<typeof dataNodeConfigSchema>>;
