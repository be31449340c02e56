import type { CheckerInput } from '../check/checker-input.ts';
import type { NodeId } from '../host.ts';
import { clientConfigSchema } from '../store/client/config.ts';
import { dataNodeConfigSchema } from '../store/datanode/config.ts';
import { mostAttempts } from '../store/gateway/attempt-limit.ts';
import { gatewayConfigSchema } from '../store/gateway/config.ts';
import { partitionOf } from '../store/hash.ts';
import { metadataConfigSchema } from '../store/metadata/config.ts';
import { isEvolving } from '../store/placement/evolving.ts';
import { createPlacement } from '../store/placement/registry.ts';
import type { World } from '../world/world.ts';
import { convergenceMs } from './convergence-time.ts';
import type { Scenario } from './scenario.ts';

/** How long a map may take beyond the longest pause between two questions for it: messages that are lost are sent again. */
const MAP_SLACK_MS = 5_000;

/** What a scenario's settings mean to the checks, and what they can look at in its world. */
export function checkerInput(scenario: Scenario, world: World): CheckerInput {
  const { cluster, checks } = scenario;
  const { client = {}, settings, rebalancer, partitions, writeQuorum } = cluster;
  const ofClient = clientConfigSchema.shape;
  const ofGateway = gatewayConfigSchema.shape;
  const gateway = settings.gateway;
  const pollMs = Math.max(
    ofClient.mapPollMs.parse(settings.client['mapPollMs']),
    ofGateway.mapPollMs.parse(gateway['mapPollMs']),
  );
  const holdMs = rebalancer.options['holdMs'];
  return {
    writeQuorum,
    convergeWithinMs: convergenceMs(scenario),
    partitionOf: (key) => partitionOf(key, partitions),
    linearizability: checks.linearizability,
    limits: {
      // A block that is late is asked for once more beside.
      clientAttempts:
        ofClient.maxAttempts.parse(settings.client['maxAttempts']) +
        ((settings.client['hedge'] ?? client.hedge) === undefined ? 0 : 1),
      retries: ofGateway.retryBudget.parse(gateway['retryBudget']),
      gatewayAttempts: (owners) =>
        mostAttempts('gateway.put', { maxAttempts: ofGateway.maxAttempts.parse(gateway['maxAttempts']) }, owners),
    },
    mapWithinMs: pollMs + MAP_SLACK_MS,
    ...(typeof holdMs === 'number' ? { hysteresisMs: holdMs } : {}),
    rebalances: rebalancer.name !== 'none',
    staleWithinMs: ofClient.staleWithinMs.parse(settings.client['staleWithinMs'] ?? client.staleWithin),
    ...metadataLimits(settings.metadata),
    movesMore: whyMovesMore(cluster.placement),
    foundWithinMs: findingTime(settings.dataNode, world),
    diskOf: (id) => world.node(id).disk,
    trueMs: (id, localMs) => world.node(id).drift?.trueMs(localMs) ?? localMs,
  };
}

/** Placements that give way by the least only where the last of all nodes joins or leaves, or not even then. */
const MOVE_MORE: ReadonlySet<string> = new Set(['modulo', 'jump', 'jump-back', 'binomial', 'power', 'flip', 'crush']);

/** Why a placement may move more at a change of membership than it must; undefined where it may not. */
function whyMovesMore({ name, options }: Scenario['cluster']['placement']): string | undefined {
  const called = typeof name === 'string' ? name : name.name;
  if (MOVE_MORE.has(called)) return `placement "${called}" moves more than the least for most nodes`;
  const node = { id: 'data-1', weight: 1, zone: '-', rack: '-', host: '-' };
  // Metadata keeps nothing of the placement before.
  return isEvolving(createPlacement(name, options, [node]))
    ? `placement "${called}" is built anew at each change of membership`
    : undefined;
}

/** Metadata finds an orphan by a digest that differs for a while, and may have to ask for the inventory more than once. */
const INVENTORIES = 2;

/** Orders to delete ride on the answers to heartbeats, and count as carried out with a later one. */
const HANDING_ON_BEATS = 4;

function metadataLimits(
  settings: Readonly<Record<string, unknown>>,
): Pick<CheckerInput, 'zoneGuard' | 'garbageMs' | 'orphanWithinMs'> {
  const parsed = metadataConfigSchema.safeParse({ ...settings, members: ['-'] });
  if (!parsed.success) return {};
  const { zoneGuard, orphans, garbageGraceMs, heartbeatMs } = parsed.data;
  const { graceMs, mismatchMs, everyMs } = orphans;
  return {
    zoneGuard,
    garbageMs: garbageGraceMs + HANDING_ON_BEATS * heartbeatMs,
    orphanWithinMs: graceMs + INVENTORIES * (mismatchMs + everyMs),
  };
}

/**
 * How long a node takes at most until it has looked twice at all blocks, whenever that is asked: looks begin a round apart, go at
 * the scrub's own rate, and are put off by requests as long as they may.
 */
function findingTime(settings: Readonly<Record<string, unknown>>, world: World): (id: NodeId) => number {
  const { scrub, scrubPassMs, scrubBytesPerSecond, scrubWindowBytes, scrubPatienceMs } = dataNodeConfigSchema.shape;
  if (scrub.parse(settings['scrub']) === 'off') return () => Number.POSITIVE_INFINITY;
  const passMs = scrubPassMs.parse(settings['scrubPassMs']);
  const msPerByte = 1_000 / scrubBytesPerSecond.parse(settings['scrubBytesPerSecond']);
  const windowBytes = scrubWindowBytes.parse(settings['scrubWindowBytes']);
  const patienceMs = scrubPatienceMs.parse(settings['scrubPatienceMs']);
  return (id) => {
    const { usedBytes } = world.node(id).disk;
    const lookMs = usedBytes * msPerByte + (1 + usedBytes / windowBytes) * patienceMs;
    return 2 * Math.max(passMs, lookMs) + lookMs;
  };
}
