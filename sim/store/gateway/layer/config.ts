import { z } from 'zod';

const adaptiveConcurrencySchema = z
  .strictObject({
    initialLimit: z.int().min(1).default(100).describe('requests in progress at the start'),
    minLimit: z.int().min(1).default(20).describe('the limit falls no lower'),
    maxLimit: z.int().min(1).default(4_096).describe('and rises no higher'),
    windowRequests: z.int().min(1).default(50).describe('requests whose mean latency makes one sample'),
    longWindows: z.int().min(1).default(100).describe('samples over which the usual latency is averaged'),
    tolerance: z.number().min(1).default(1.5).describe('how many times the usual latency is still no queue'),
    smoothing: z.number().gt(0).max(1).default(0.2).describe('share of the way that one sample moves the limit'),
    writeShare: z.number().gt(0).max(1).default(0.8).describe('share of the limit beyond which writes are shed'),
  })
  .refine(({ minLimit, maxLimit }) => minLimit <= maxLimit, {
    path: ['minLimit'],
    error: 'accepted: at most maxLimit',
  });

const accessLogSchema = z.strictObject({
  everyNth: z.int().min(1).default(100).describe('one of so many requests is written down; 1: all'),
  entries: z.int().min(1).max(1_000_000).default(1_024).describe('how many are kept; the oldest go first'),
});

/** Settings of the layers. They take effect only with their layer among `middleware`. */
export const layerSettings = {
  retryAfterMs: z
    .number()
    .min(0)
    .default(100)
    .describe('what Retry-After says to requests that are shed or that no node can serve'),
  deadlineMarginMs: z
    .number()
    .min(0)
    .default(0)
    .describe('kept back from the time of a caller, so that an answer still reaches it in time'),
  maxInFlight: z.int().min(1).default(4_096).describe('requests in progress beyond which new ones are shed'),
  maxInFlightPerClient: z.int().min(1).default(256).describe('requests of one client in progress, likewise'),
  maxBodyBytes: z.int().min(1).default(67_108_864).describe('declared size of a block beyond which it is refused'),
  adaptiveConcurrency: adaptiveConcurrencySchema.prefault({}).describe('a limit that follows the latency'),
  accessLog: accessLogSchema.prefault({}),
};

export type AdaptiveConcurrencyConfig = z.infer<typeof adaptiveConcurrencySchema>;
export type AccessLogConfig = z.infer<typeof accessLogSchema>;

/** What of a gateway's settings layers may use. */
export interface LayerSettings {
  readonly retryAfterMs: number;
  readonly deadlineMarginMs: number;
  readonly maxInFlight: number;
  readonly maxInFlightPerClient: number;
  readonly maxBodyBytes: number;
  readonly adaptiveConcurrency: AdaptiveConcurrencyConfig;
  readonly accessLog: AccessLogConfig;
}
