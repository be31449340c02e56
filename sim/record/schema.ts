import { z } from 'zod';

/**
 * The RunRecord: all that one trial (scenario × variant × seed) leaves behind, and all that reports and the
 * gate read. Columnar: a series is one array over the time buckets `[i·widthMs, (i+1)·widthMs)`. Bounded by
 * the cluster and the number of buckets, never by the number of requests. Times are virtual ms from the
 * start of the run; sizes are declared bytes. It holds nothing of the machine it ran on: same scenario,
 * variant and seed give the same bytes anywhere.
 */

export const RECORD_VERSION = 1;

const ms = z.number().nonnegative().describe('virtual ms from the start of the run');
const count = z.number().int().nonnegative();
const series = z.array(z.number()).describe('one value a time bucket');
const gappySeries = z.array(z.number().nullable()).describe('one value a time bucket; null where nothing was measured');

export const figureSchema = z.strictObject({
  label: z.string(),
  unit: z.enum(['ms', 's', 'bytes', 'ratio', 'fraction', 'count', 'per-second']),
  better: z.enum(['lower', 'higher', 'neither']),
  value: z.number().nullable().describe('null where the run gave no sample for it'),
});

const latency = z.strictObject({
  count,
  meanMs: z.number().nullable(),
  maxMs: z.number().nullable(),
  percentiles: z
    .array(z.tuple([z.number(), z.number()]))
    .describe('[quantile in 0..1, latency in ms], ascending; to 5 nines where there are samples'),
  histogram: z
    .strictObject({ subBucketBits: count, unitMs: z.number(), index: z.array(count), count: z.array(count) })
    .describe('the log-linear histogram itself, sparse: mergeable exactly over seeds (sim/record/histogram.ts)'),
});

export const operationSchema = z.strictObject({
  op: z.string().describe("'all', 'get', 'put', 'head', 'delete', 'list' or 'copy'"),
  requests: count,
  ok: count,
  failed: count,
  unknown: count.describe('may or may not have taken effect; those never answered included'),
  latency: latency.describe('of the answered requests after warm-up, from arrival to answer'),
  series: z.strictObject({
    requests: series,
    failed: series,
    unknown: series,
    p50Ms: gappySeries,
    p99Ms: gappySeries,
    maxMs: gappySeries,
  }),
});

/** State of a node in a time bucket: the worst it was in that bucket. */
export const NODE_STATES = ['absent', 'up', 'draining', 'paused', 'down', 'left'] as const;

export const nodeSchema = z.strictObject({
  id: z.string(),
  role: z.enum(['client', 'gateway', 'metadata', 'data']),
  zone: z.string(),
  rack: z.string(),
  weight: z.number(),
  series: z.strictObject({
    requests: series.describe(
      'requests served (data) or called (client); of gateway and metadata, pieces of work that the CPU did, heartbeats included',
    ),
    errors: series,
    bytes: series.describe('bytes in and out on the wire, headers and control data included'),
    utilisation: series.describe('busy share of the busiest of CPU, disk slots and disk channel, 0 to 1'),
    queueMean: series.describe(
      'time-weighted mean of what waits or is in service, of the longer queue of CPU and disk',
    ),
    queueMax: series.describe('most at once, of the longer queue'),
    storedBytes: series,
    state: z.array(count).describe(`index into ${NODE_STATES.join(', ')}`),
  }),
});

export const faultSchema = z.strictObject({
  kind: z.string(),
  line: z.string().describe('readable: "crash data-3 at 60 s for 20 s"'),
  targets: z.array(z.string()),
  startMs: ms,
  endMs: ms.nullable().describe('null: lasted to the end of the run'),
  effects: count.describe('proof that it fired: what it touched'),
});

export const hotspotSchema = z.strictObject({
  subject: z.enum(['node', 'partition', 'key']),
  id: z.string(),
  startMs: ms,
  endMs: ms.nullable(),
  peakFactor: z.number().describe('highest load over fair share in a bucket of the episode'),
  meanFactor: z.number(),
  keys: z
    .array(z.strictObject({ key: z.string(), share: z.number() }))
    .describe('the keys behind it, with their share of its load; streaming top-k'),
  ended: z.string().describe('what ended it, or "still hot at the end"'),
});

export const MOVE_CAUSES = ['repair', 'join', 'leave', 'drain', 'load'] as const;

export const ledgerEntrySchema = z.strictObject({
  cause: z.enum(MOVE_CAUSES),
  partition: count,
  from: z.string().describe('the verified copy that was read'),
  to: z.string(),
  bytes: count,
  blocks: count,
  startMs: ms,
  endMs: ms.nullable(),
  outcome: z.enum(['done', 'cancelled', 'failed', 'open']),
  why: z.string(),
  helped: z
    .strictObject({ before: z.number(), after: z.number() })
    .nullable()
    .describe('peak-to-mean of stored bytes in proportion to weight, before and after'),
});

export const decisionSchema = z.strictObject({
  atMs: ms,
  by: z.string().describe('the part that decided: failure-detector, repair, rebalancer, gateway …'),
  subject: z.string(),
  chose: z.string(),
  why: z.string(),
  rejected: z.array(z.strictObject({ option: z.string(), why: z.string() })),
});

export const checkSchema = z.strictObject({
  id: z.string().describe('I1 to I18, or a name'),
  statement: z.string(),
  verdict: z.enum(['held', 'violated', 'not-judged']),
  evaluated: count.describe('how often it was put to the test'),
  detail: z.string(),
  kind: z.enum(['correctness', 'liveness']),
  witness: z
    .strictObject({
      timeMs: z
        .number()
        .nullable()
        .describe('virtual ms, below 0 before the run began; null where it is no one moment'),
      node: z.string().describe("'' where it is none"),
      key: z.string().describe("'' where it is none"),
      event: z.string(),
    })
    .optional()
    .describe('the first violation: where to look when the run is played again'),
});

export const phaseSchema = z.strictObject({
  name: z.string().describe('"warm-up", "before", "during crash data-3", "after …"'),
  startMs: ms,
  endMs: ms,
  requests: count,
  ok: count,
  failed: count,
  unknown: count,
  goodputPerS: z.number(),
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  maxMs: z.number().nullable(),
  peakToMean: z.number().nullable(),
});

export const recordSchema = z.strictObject({
  version: z.literal(RECORD_VERSION),
  scenario: z.strictObject({
    name: z.string(),
    question: z.string(),
    hypothesis: z.string(),
    digest: z.string().describe('of everything that shapes the run: cluster, traffic, faults, variant'),
    durationMs: ms,
    warmupMs: ms,
    traffic: z.string().describe('one readable line'),
    replication: count,
    partitions: count,
    slo: z.array(z.strictObject({ figure: z.string(), max: z.number().optional(), min: z.number().optional() })),
    hotspot: z.strictObject({ factor: z.number(), forMs: z.number() }),
  }),
  variant: z.strictObject({
    name: z.string(),
    settings: z.record(z.string(), z.string()).describe('what differs, readable: balancer → p2c'),
  }),
  seed: z.number().int(),
  command: z.string().describe('the exact command that reproduces this record'),
  fingerprint: z.string(),
  events: count.describe('kernel events'),
  buckets: z.strictObject({ widthMs: z.number().positive(), count }),
  figures: z.record(z.string(), figureSchema).describe('what scorecard and gate compare'),
  operations: z.array(operationSchema),
  phases: z.array(phaseSchema),
  nodes: z.array(nodeSchema),
  imbalance: z.strictObject({
    peakToMean: gappySeries.describe(
      'of data-node requests in proportion to weight; null where a bucket has fewer than 2 requests a node',
    ),
    cov: gappySeries.describe('coefficient of variation'),
    jain: gappySeries,
    gini: gappySeries,
    random: gappySeries.describe('expected peak-to-mean if each request went to a random node: the null model'),
    storedPeakToMean: gappySeries.describe('of stored bytes in proportion to weight'),
  }),
  hotspots: z.array(hotspotSchema),
  faults: z.array(faultSchema),
  durability: z.strictObject({
    underReplicated: series.describe('most partitions at once with fewer than N verified replicas'),
    unavailable: series.describe('… with none that is up'),
    lost: series.describe('… with none left at all'),
    spans: z.array(
      z.strictObject({
        level: z.enum(['under-replicated', 'unavailable', 'lost']),
        startMs: ms,
        endMs: ms.nullable(),
        peakPartitions: count,
      }),
    ),
  }),
  ledger: z.strictObject({
    entries: z.array(ledgerEntrySchema).describe('the first ones in order of start; totals count all'),
    omitted: count,
    movedBytes: z.record(z.string(), series).describe('bytes that arrived within the time axis, by cause'),
    leastBytes: z
      .number()
      .nullable()
      .describe('least that the changes of membership had to move; null where there were none'),
  }),
  epochs: z.array(z.strictObject({ atMs: ms, epoch: count, why: z.string() })),
  decisions: z.strictObject({ entries: z.array(decisionSchema), omitted: count }),
  checks: z.array(checkSchema),
  notes: z.array(z.string()).describe('honest notes: what was thinned, what was not measured'),
});

/** See {@link recordSchema}. */
export type RunRecord = z.infer<typeof recordSchema>;
export type Figure = z.infer<typeof figureSchema>;
export type OperationRecord = z.infer<typeof operationSchema>;
export type NodeRecord = z.infer<typeof nodeSchema>;
export type FaultRecord = z.infer<typeof faultSchema>;
export type Hotspot = z.infer<typeof hotspotSchema>;
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type CheckResult = z.infer<typeof checkSchema>;
export type PhaseRecord = z.infer<typeof phaseSchema>;
export type MoveCause = (typeof MOVE_CAUSES)[number];
export type NodeState = (typeof NODE_STATES)[number];

/** What a comparison leaves beside its records: `comparison.json`. The only place that names the machine's side. */
export const comparisonSchema = z.strictObject({
  version: z.literal(RECORD_VERSION),
  scenario: z.string(),
  digest: z.string(),
  command: z.string(),
  variants: z.array(z.string()),
  baseline: z.string().describe('the variant that the others are compared with'),
  seeds: z.array(z.number().int()),
  trials: z.array(
    z.strictObject({ variant: z.string(), seed: z.number().int(), file: z.string(), fingerprint: z.string() }),
  ),
  environment: z.strictObject({
    evenkeel: z.string(),
    node: z.string(),
    revision: z.string().nullable(),
    startedAt: z.string(),
    wallSeconds: z.number(),
  }),
});
export type Comparison = z.infer<typeof comparisonSchema>;
