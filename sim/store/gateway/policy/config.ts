import { z } from 'zod';

const share = () => z.number().min(0).max(1);

const outlierEjectionSchema = z.strictObject({
  intervalMs: z.number().positive().default(10_000).describe('how often rates are judged and ejections end'),
  baseEjectionMs: z.number().positive().default(30_000).describe('how long a first ejection lasts'),
  maxEjectionMs: z.number().positive().default(300_000).describe('how long one lasts at most, however often repeated'),
  maxEjectedShare: share().default(0.1).describe('share of the data nodes beyond which no more are ejected'),
  consecutiveFaults: z.int().min(0).default(5).describe('faults in a row that eject at once; 0: they do not'),
  successRate: z
    .strictObject({
      stdevFactor: z.number().min(0).default(1.9).describe('standard deviations below the mean; 0: not judged'),
      minimumRequests: z.int().min(1).default(100).describe('in an interval, for a node to be judged'),
      minimumBackends: z.int().min(2).default(5).describe('nodes with so many requests, for any to be judged'),
    })
    .prefault({}),
  failureShare: z
    .strictObject({
      threshold: share().default(1).describe('share of failures beyond which a node is ejected; 1: not judged'),
      minimumRequests: z.int().min(1).default(50).describe('in an interval, for a node to be judged'),
      minimumBackends: z.int().min(1).default(5).describe('nodes with so many requests, for any to be judged'),
    })
    .prefault({}),
});

const circuitBreakerSchema = z
  .strictObject({
    consecutiveFaults: z.int().min(0).default(5).describe('faults in a row that open a circuit; 0: they do not'),
    failureShare: share().default(0.5).describe('share of faults among the last calls beyond which it opens; 1: never'),
    windowCalls: z.int().min(1).max(10_000).default(100).describe('how many calls that share is taken over'),
    minimumCalls: z.int().min(1).default(20).describe('calls since it closed, for the share to be judged'),
    openMs: z.number().positive().default(5_000).describe('how long nothing is sent before probes are'),
    probes: z.int().min(1).default(3).describe('calls that must all end well for the circuit to close'),
  })
  .refine(({ minimumCalls, windowCalls }) => minimumCalls <= windowCalls, {
    path: ['minimumCalls'],
    error: 'accepted: at most windowCalls, or no share would ever be judged',
  });

const backendLimitsSchema = z.strictObject({
  maxRequests: z.int().min(1).default(1_024).describe('open requests to one data node; Envoy: max_requests'),
  maxRetries: z.int().min(0).default(3).describe('open retries to one data node; Envoy: max_retries'),
});

const slowStartSchema = z.strictObject({
  windowMs: z.number().positive().default(30_000).describe('how long a node takes to get its full weight'),
  aggression: z.number().positive().default(1).describe('1: linear; more: faster at the beginning'),
  minWeightShare: z.number().gt(0).max(1).default(0.1).describe('share of its weight that it starts with'),
});

/** Settings of the policies that judge backends. Each is off unless it is named; `{}` takes its defaults. */
export const policySettings = {
  outlierEjection: outlierEjectionSchema
    .optional()
    .describe('takes nodes out of reads that fail more than their peers'),
  circuitBreaker: circuitBreakerSchema.optional().describe('sends nothing to a node that keeps failing, then probes'),
  backendLimits: backendLimitsSchema.optional().describe('how much may be open to one data node'),
  slowStart: slowStartSchema.optional().describe('a node that joins or returns gets its weight little by little'),
  panicShare: share()
    .default(0)
    .describe(
      'share of sound data nodes below which reads go to all replicas alike, whatever is known of them; 0: never',
    ),
};

export type OutlierEjectionConfig = z.infer<typeof outlierEjectionSchema>;
export type CircuitBreakerConfig = z.infer<typeof circuitBreakerSchema>;
export type BackendLimitsConfig = z.infer<typeof backendLimitsSchema>;
export type SlowStartConfig = z.infer<typeof slowStartSchema>;

/** What of a gateway's settings the policies are built from. */
export interface PolicySettings {
  readonly outlierEjection?: OutlierEjectionConfig | undefined;
  readonly circuitBreaker?: CircuitBreakerConfig | undefined;
  readonly backendLimits?: BackendLimitsConfig | undefined;
  readonly slowStart?: SlowStartConfig | undefined;
  readonly panicShare: number;
}
