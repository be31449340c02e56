import { z } from 'zod';
import { readableIssues } from './readable-issues.ts';

/**
 * What a simulated cluster is made of: machines, their CPUs and disks, and the network between them. Plain data, so that
 * a scenario file can hold it; checked by {@link parseNodeSpec} and {@link parseNetworkSpec}.
 */

const meanMs = z.number().nonnegative().describe('mean, in ms');
const sigma = z
  .number()
  .nonnegative()
  .max(4)
  .describe('standard deviation of the logarithm; 0.5 is mild, 1 has a long tail (p99 about 6 × the mean)');

const fixed = z.strictObject({ kind: z.literal('fixed'), meanMs });
const exponential = z.strictObject({ kind: z.literal('exponential'), meanMs });
const lognormal = z.strictObject({ kind: z.literal('lognormal'), meanMs, sigma });

/** A distribution of durations. */
export const distributionSchema = z.discriminatedUnion('kind', [fixed, exponential, lognormal]);
export type Distribution = z.infer<typeof distributionSchema>;

const perKiBMs = z
  .number()
  .nonnegative()
  .optional()
  .describe('added for each KiB of body and control data; 0 if absent');

/** CPU time that one piece of work takes on a core of speed 1. */
export const serviceTimeSchema = z.discriminatedUnion('kind', [
  fixed.extend({ perKiBMs }),
  exponential.extend({ perKiBMs }),
  lognormal.extend({ perKiBMs }),
]);
export type ServiceTime = z.infer<typeof serviceTimeSchema>;

/** The processor of a node: one queue, first in first out, in front of its cores. */
export const cpuSpecSchema = z.strictObject({
  cores: z.number().int().min(1).max(1024),
  speed: z.number().positive().describe('1 is nominal; 0.5 takes twice as long'),
  costs: z
    .object({ default: serviceTimeSchema })
    .catchall(serviceTimeSchema)
    .describe(
      'by kind of message; `default` is for requests and one-way messages not named. Replies cost nothing unless named. ' +
        'What costs nothing is handled on arrival and never queues',
    ),
});
export type CpuSpec = z.infer<typeof cpuSpecSchema>;

/** The disk of a node. */
export const diskSpecSchema = z.strictObject({
  capacityBytes: z.number().positive(),
  seekMs: z.number().nonnegative().describe('access time of a read, a cut and a removal'),
  bandwidthBytesPerS: z.number().positive().describe('shared by all operations in progress'),
  syncMs: z.number().nonnegative().describe('time of a sync, once the appends before it have reached the disk'),
  queueDepth: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .describe('operations in progress at once; more wait, first in first out'),
});
export type DiskSpec = z.infer<typeof diskSpecSchema>;

const name = z.string().min(1);

/** One node: a process with a machine of its own. */
export const nodeSpecSchema = z.strictObject({
  id: name,
  role: name,
  zone: name,
  rack: name.describe('within the zone: two zones may both have a rack 1'),
  host: name
    .optional()
    .describe('nodes that name the same host share a machine for the network: messages between them are local'),
  cpu: cpuSpecSchema,
  disk: diskSpecSchema,
});
export type NodeSpec = z.infer<typeof nodeSpecSchema>;

/** The network between the nodes. */
export const networkSpecSchema = z.strictObject({
  latency: z
    .strictObject({
      local: distributionSchema,
      rack: distributionSchema,
      zone: distributionSchema,
      'cross-zone': distributionSchema,
    })
    .describe('one way, by how far apart the two are: same machine, same rack, same zone, different zones'),
  bandwidthBytesPerS: z
    .number()
    .positive()
    .describe('of each machine, outgoing: messages leave one after the other. Local messages are exempt'),
  lossRate: z.number().min(0).max(1).describe('share of messages that vanish, on every link but local ones'),
});
export type NetworkSpec = z.infer<typeof networkSpecSchema>;

/** Checks a node's description. @throws Error naming each field, what was found and what is accepted. */
export function parseNodeSpec(spec: NodeSpec): NodeSpec {
  return parse(nodeSpecSchema, spec, `node ${JSON.stringify(spec.id)}`);
}

/** Checks a network's description. @throws Error naming each field, what was found and what is accepted. */
export function parseNetworkSpec(spec: NetworkSpec): NetworkSpec {
  return parse(networkSpecSchema, spec, 'network');
}

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new Error(
    `${what}: ${readableIssues(parsed.error)
      .map(({ line }) => line)
      .join('; ')}`,
  );
}
