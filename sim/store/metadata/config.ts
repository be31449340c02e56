import { z } from 'zod';
import { type AlgorithmInfo, foundAndAccepted } from '../algorithm.ts';
import type { PlacementDefinition } from '../placement/placement.ts';
import type { RebalancerDefinition } from '../rebalance/rebalancer.ts';

const ms = (fallback: number) => z.number().positive().default(fallback);
const ratio = (fallback: number) => z.number().gt(0).max(1).default(fallback);
/** A shipped algorithm by its name, or a definition of the user's own. */
function algorithm<Definition extends AlgorithmInfo>(fallback: string) {
  const choice = z.custom<string | Definition>((value) => typeof value === 'string' || isNamed(value));
  return z.strictObject({ name: choice.default(fallback), options: z.unknown().optional() }).prefault({});
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

/** Settings of a metadata node; all members of a cluster must be given the same. Durations in ms, sizes in bytes. */
export const metadataConfigSchema = z
  .strictObject({
    members: z.array(z.string().min(1)).min(1).describe('metadata nodes: 1, or 3 or 5 that replicate the log'),
    partitions: z.int().min(1).max(65_536).default(256).describe('fixed number of partitions, a power of two'),
    replication: z.int().min(1).default(3).describe('N: replicas of each partition'),
    writeQuorum: z.int().min(1).default(2).describe('W: replicas on which a block must be durable before its commit'),
    placement: algorithm<PlacementDefinition<unknown>>('weighted-rendezvous').describe(
      'which nodes should hold a partition',
    ),
    rebalancer: algorithm<RebalancerDefinition<unknown>>('placement-target').describe(
      'which partitions move, once the membership is still',
    ),
    expectedNodes: z
      .int()
      .min(1)
      .optional()
      .describe('nodes that must have registered before the first map; N if absent'),
    zones: z.array(z.string().min(1)).default([]).describe('zones that a node may name; any where empty'),
    heartbeatMs: ms(1_000).describe('time between two heartbeats of a data node'),
    leaseMs: ms(4_000).describe('how long a node may serve after its last acknowledged beat; 3 beats or more'),
    suspectAfterMs: ms(3_000).describe('silence after which a node is suspect'),
    downAfterMs: ms(5_000).describe('T1: silence after which a node is down; not below the lease'),
    replaceAfterMs: ms(60_000).describe('T2: time down after which replicas are rebuilt elsewhere; twice T1 or more'),
    flapHoldMs: ms(5_000).describe(
      'a node that went down again stays suspect so long after its return, doubling each time',
    ),
    flapForgetMs: ms(300_000).describe('a node that was not down for so long is no longer held to have flapped'),
    zoneGuard: z
      .strictObject({
        maxFraction: ratio(0.34).describe('largest share of the nodes that may be replaced, or be gray, at once'),
        wholeZone: z
          .boolean()
          .default(false)
          .describe('whether the last nodes of a zone of several may be replaced, or turn gray, too'),
      })
      .prefault({})
      .describe('limits to what the service takes out of use by itself'),
    safeMode: z
      .strictObject({
        share: ratio(0.8).describe('share of the nodes that a new leader must hear before it judges any to be down'),
        limitMs: ms(30_000).describe('how long it waits for them at most'),
      })
      .prefault({})
      .describe('after a restart of everything nothing is given up, repaired or collected too early'),
    suspicion: z
      .strictObject({
        peers: z
          .int()
          .min(1)
          .default(2)
          .describe('peers that cannot reach a node before it is suspect though it beats'),
        windowMs: ms(5_000).describe('how long what a peer or gateway reported counts'),
        holdMs: ms(5_000).describe('how long such a suspect stays one at least, doubling each time'),
      })
      .prefault({})
      .describe('suspicion by reports of peers'),
    gray: z
      .strictObject({
        slowFactor: z
          .number()
          .gt(1)
          .default(4)
          .describe("a median latency so many times the other nodes' is an outlier"),
        slowLeastMs: ms(20).describe('a median latency below this never is'),
        errorShare: ratio(0.25).describe(
          'share of failed attempts that is an outlier, where the other nodes have half of it at most',
        ),
        leastAttempts: z.int().min(1).default(8).describe('attempts in a window that are needed to judge'),
        windows: z.int().min(1).default(3).describe('windows in a row that a gateway must find a node an outlier'),
        holdMs: ms(10_000).describe('how long a node stays gray at least, doubling with each relapse'),
      })
      .prefault({})
      .describe('when a node that is alive loses its data traffic for being slow or failing in part'),
    stragglerGraceMs: ms(2_000).describe(
      'how long the last replicas of a write may take before they count as incomplete',
    ),
    garbageGraceMs: ms(60_000).describe('age at which the blocks of replaced and deleted versions are deleted'),
    tombstoneMs: ms(600_000).describe('age at which the mark of a deleted key may go, if all its blocks are gone'),
    dropGraceMs: ms(10_000).describe('how long a former owner keeps its copy after a move'),
    tokenRevisions: z
      .int()
      .min(1)
      .default(65_536)
      .describe('how many later revisions the answer to a write is remembered'),
    listHistory: z
      .strictObject({
        versions: z.int().min(0).default(16_384).describe('versions kept after they were replaced or deleted'),
        ms: ms(300_000).describe('how long they are kept'),
      })
      .prefault({})
      .describe('the past that is kept so that listings of many pages can go on at the revision of their first page'),
    orphans: z
      .strictObject({
        graceMs: ms(120_000).describe(
          'age at which a block that no object refers to is deleted; above the longest upload',
        ),
        mismatchMs: ms(10_000).describe('how long a digest must differ before a node is asked for its inventory'),
        everyMs: ms(60_000).describe('time between two inventories of one partition on one node'),
        perRound: z.int().min(1).default(4).describe('inventories under way at once'),
        condemnedMs: ms(3_600_000).describe('how long a deleted orphan is remembered by its id'),
      })
      .prefault({})
      .describe('blocks that nobody refers to, and nodes that hold other blocks than they should'),
    planEveryMs: ms(250).describe('time between two rounds of planning'),
    settleMs: ms(2_000).describe('how long the membership must be still before partitions are rebalanced'),
    hysteresisMs: ms(60_000).describe('a partition does not go back so soon to a node that it left for balance'),
    transfers: z
      .strictObject({
        repairs: z.int().min(0).default(32).describe('repairs open at once'),
        moves: z.int().min(0).default(16).describe('other moves open at once'),
        perNode: z.int().min(1).default(4).describe('transfers open at once per node, in and out counted together'),
        bytesPerSecond: z
          .number()
          .positive()
          .default(32 * 1024 * 1024)
          .describe('limit of each transfer'),
        attempts: z.int().min(1).default(3).describe('times that a transfer is tried before it has failed'),
        silenceMs: ms(30_000).describe('a transfer that nothing is heard of for so long is ordered again'),
        backoffMs: ms(10_000).describe('pause after a failed transfer, doubling with each'),
        clientP99LimitMs: ms(250).describe(
          'p99 of client gets beyond which transfers are slowed down and no move for the sake of balance begins',
        ),
        leastBytesPerSecond: z
          .number()
          .positive()
          .default(1024 * 1024)
          .describe('how far a transfer is slowed down at most'),
        increaseBytesPerSecond: z
          .number()
          .positive()
          .default(2 * 1024 * 1024)
          .describe('what a slowed-down transfer may go faster with each second in which the limit is kept'),
      })
      .prefault({}),
    capacity: z
      .strictObject({
        nearFull: ratio(0.85).describe('fullness that is reported'),
        noBackfill: ratio(0.9).describe('fullness beyond which a node is no target of moves'),
        readOnly: ratio(0.95).describe('fullness beyond which a data node takes no new blocks'),
        repair: ratio(0.98).describe(
          'fullness beyond which it takes no repairs either: from readOnly on, their reserve',
        ),
      })
      .prefault({}),
    raft: z
      .strictObject({
        tickMs: ms(100).describe('length of a tick'),
        electionTicks: z
          .int()
          .min(2)
          .default(10)
          .describe('ticks without a leader before an election; up to twice as many'),
        heartbeatTicks: z.int().min(1).default(1).describe("ticks between a leader's heartbeats"),
      })
      .prefault({})
      .describe('clock of the replicated log, of 3 or 5 members'),
    snapshotBytes: z
      .int()
      .min(1_024)
      .default(8 * 1024 * 1024)
      .describe('least length of the log before it is cut by a snapshot'),
  })
  .check((context) => {
    const c = context.value;
    const expect = (holds: boolean, field: string, found: unknown, accepted: string) => {
      if (!holds) {
        const message = `found ${String(found)}, accepted: ${accepted}`;
        context.issues.push({ code: 'custom', path: [field], message, input: found });
      }
    };
    expect(new Set(c.members).size === c.members.length, 'members', c.members.join(', '), 'distinct names');
    const marked = c.members.find((member) => member.includes('~'));
    expect(marked === undefined, 'members', marked, 'names without ~, which marks members that have lost their disk');
    expect([1, 3, 5].includes(c.members.length), 'members', c.members.length, '1, 3 or 5 members');
    expect(
      c.raft.electionTicks > c.raft.heartbeatTicks,
      'raft.electionTicks',
      c.raft.electionTicks,
      `more than heartbeatTicks, ${c.raft.heartbeatTicks}`,
    );
    expect((c.partitions & (c.partitions - 1)) === 0, 'partitions', c.partitions, 'a power of two');
    expect(c.writeQuorum <= c.replication, 'writeQuorum', c.writeQuorum, `at most replication, ${c.replication}`);
    const nodes = c.expectedNodes ?? c.replication;
    expect(nodes >= c.replication, 'expectedNodes', nodes, `at least replication, ${c.replication}`);
    expect(c.leaseMs >= 3 * c.heartbeatMs, 'leaseMs', c.leaseMs, `at least 3 heartbeats, ${3 * c.heartbeatMs}`);
    expect(
      c.suspectAfterMs >= c.heartbeatMs,
      'suspectAfterMs',
      c.suspectAfterMs,
      `at least heartbeatMs, ${c.heartbeatMs}`,
    );
    expect(
      c.downAfterMs >= c.suspectAfterMs,
      'downAfterMs',
      c.downAfterMs,
      `at least suspectAfterMs, ${c.suspectAfterMs}`,
    );
    expect(c.downAfterMs >= c.leaseMs, 'downAfterMs', c.downAfterMs, `at least leaseMs, ${c.leaseMs}`);
    expect(
      c.replaceAfterMs >= 2 * c.downAfterMs,
      'replaceAfterMs',
      c.replaceAfterMs,
      `at least twice downAfterMs, ${2 * c.downAfterMs}`,
    );
    expect(
      c.tombstoneMs >= c.garbageGraceMs,
      'tombstoneMs',
      c.tombstoneMs,
      `at least garbageGraceMs, ${c.garbageGraceMs}`,
    );
    const { nearFull, noBackfill, readOnly, repair } = c.capacity;
    const ordered = nearFull <= noBackfill && noBackfill <= readOnly && readOnly <= repair;
    const ratios = `${nearFull}, ${noBackfill}, ${readOnly}, ${repair}`;
    expect(ordered, 'capacity', ratios, 'nearFull ≤ noBackfill ≤ readOnly ≤ repair');
  });

/** Settings as written in a scenario: all but `members` have defaults. */
export type MetadataConfig = z.input<typeof metadataConfigSchema>;

/** Settings, checked and complete. */
export type MetadataSettings = z.output<typeof metadataConfigSchema>;

/**
 * Checks settings and fills in defaults.
 *
 * @throws RangeError naming the field, what was found and what is accepted.
 */
export function parseMetadataConfig(config: MetadataConfig): MetadataSettings {
  const result = metadataConfigSchema.safeParse(config);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw result.error;
  throw new RangeError(`metadata: ${issue.path.map(String).join('.')}: ${foundAndAccepted(config, issue)}`);
}
