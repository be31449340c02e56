import type { ScenarioInput } from '../scenario.ts';
import type { Draws } from './draws.ts';

type Settings = NonNullable<ScenarioInput['cluster']['settings']>;
type Part = Readonly<Record<string, unknown>>;

/** Groups of settings of the components, each of which a trial may leave at its defaults. */
export const SETTINGS = [
  'client-limits',
  'client-cache',
  'client-hedging',
  'client-reads',
  'gateway-limits',
  'gateway-policies',
  'gateway-layers',
  'disk-layout',
  'scrub',
  'leases',
  'log',
  'history',
  'collection',
  'transfers',
  'health',
] as const;
type SettingsGroup = (typeof SETTINGS)[number];

/** Times of the failure detector: short, so that what takes minutes in production fits in a short trial. */
const DETECTION = [
  { heartbeatMs: 500, leaseMs: 2_000, suspectAfterMs: 1_500, downAfterMs: 2_500, replaceAfterMs: 6_000 },
  { heartbeatMs: 250, leaseMs: 1_000, suspectAfterMs: 700, downAfterMs: 1_200, replaceAfterMs: 2_500 },
  { heartbeatMs: 1_000, leaseMs: 4_000, suspectAfterMs: 3_000, downAfterMs: 5_000, replaceAfterMs: 12_000 },
] as const;

/** The longest that a client may take over an operation: what is collected by age must be older. */
const LONGEST_DEADLINE_MS = 5_000;

/** Settings of the components; those of groups that are not among the `features` stay at their defaults. */
export function drawSettings(draws: Draws, features: ReadonlySet<string>): Settings {
  const on = (group: SettingsGroup, part: (draws: Draws) => Part): Part => (features.has(group) ? part(draws) : {});
  return {
    client: {
      ...on('client-limits', clientLimits),
      ...on('client-cache', clientCache),
      ...on('client-hedging', hedging),
      ...on('client-reads', () => ({ metadataReads: 'any' })),
    },
    gateway: {
      ...on('gateway-limits', gatewayLimits),
      ...on('gateway-policies', policies),
      ...on('gateway-layers', layers),
    },
    dataNode: {
      ...on('disk-layout', diskLayout),
      ...on('scrub', scrub),
      ...on('leases', () => ({ leaseGuards: 'reads-and-writes' })),
    },
    metadata: {
      ...draws.pick(DETECTION),
      garbageGraceMs: draws.pick([LONGEST_DEADLINE_MS + 1_000, 10_000, 20_000]),
      tombstoneMs: draws.pick([20_000, 60_000]),
      dropGraceMs: draws.pick([500, 3_000]),
      ...on('log', log),
      ...on('history', history),
      ...on('collection', collection),
      ...on('transfers', transfers),
      ...on('health', health),
    },
  };
}

function clientLimits(draws: Draws): Part {
  return {
    blockBytes: draws.pick([16_384, 65_536]),
    parallelBlocks: draws.whole(2, 4),
    deadlineMs: draws.pick([3_000, LONGEST_DEADLINE_MS]),
    gatewayTimeoutMs: draws.pick([400, 1_200]),
    maxAttempts: draws.whole(1, 6),
    retryBudget: { ratio: draws.pick([0.1, 1]), burst: draws.pick([10, 100]) },
    metadataTimeoutMs: draws.pick([100, 500]),
  };
}

function clientCache(draws: Draws): Part {
  return { cacheBytes: draws.scaled(1_000, 1_000_000), cachedBodyBytes: draws.scaled(100, 262_144) };
}

function hedging(draws: Draws): Part {
  return { hedge: { quantile: draws.pick([0.5, 0.9]), maxExtra: draws.pick([0.05, 1]), burst: draws.pick([1, 20]) } };
}

function gatewayLimits(draws: Draws): Part {
  return {
    attemptTimeoutMs: draws.pick([50, 250, 1_000]),
    writeTimeoutMs: draws.pick([150, 1_000]),
    maxAttempts: draws.whole(1, 4),
    retryBudget: { ratio: draws.pick([0.2, 1]), burst: draws.pick([10, 100]) },
    retryBackoff: { baseMs: draws.pick([0, 5]) },
    confirmEveryMs: draws.pick([50, 500]),
    maxInFlight: draws.pick([16, 4_096]),
  };
}

/** What a gateway makes of data nodes that fail or return: quick to judge, since a trial is short. */
function policies(draws: Draws): Part {
  const all: Part = {
    outlierEjection: {
      intervalMs: draws.pick([500, 2_000]),
      baseEjectionMs: draws.pick([500, 5_000]),
      maxEjectedShare: draws.pick([0.1, 0.5, 1]),
      consecutiveFaults: draws.pick([0, 1, 5]),
      failureShare: { threshold: draws.pick([0.3, 1]), minimumRequests: 5, minimumBackends: 2 },
    },
    circuitBreaker: {
      consecutiveFaults: draws.pick([0, 1, 5]),
      failureShare: draws.pick([0.2, 1]),
      minimumCalls: draws.pick([2, 20]),
      openMs: draws.pick([200, 3_000]),
      probes: draws.whole(1, 3),
    },
    backendLimits: { maxRequests: draws.pick([8, 1_024]), maxRetries: draws.pick([0, 3]) },
    slowStart: { windowMs: draws.pick([500, 5_000]), aggression: draws.pick([0.5, 2]) },
    panicShare: draws.pick([0.3, 0.7]),
    passiveHealth: {
      maxFails: draws.whole(0, 3),
      failTimeoutMs: draws.pick([500, 10_000]),
      countTimeouts: draws.coin(),
    },
  };
  return Object.fromEntries(draws.some(Object.entries(all)));
}

function layers(draws: Draws): Part {
  const names = ['access-log', 'deadline', 'max-body', 'max-per-client', 'max-in-flight', 'adaptive-concurrency'];
  return {
    middleware: draws.take(names, draws.whole(0, names.length)),
    deadlineMarginMs: draws.pick([0, 50]),
    maxInFlightPerClient: draws.pick([16, 256]),
    adaptiveConcurrency: { initialLimit: draws.pick([16, 100]), minLimit: 4, windowRequests: draws.pick([5, 50]) },
    accessLog: { everyNth: 1, entries: draws.pick([1, 64]) },
  };
}

function diskLayout(draws: Draws): Part {
  return {
    segmentBytes: draws.scaled(65_536, 4_194_304),
    compactionLiveShare: draws.pick([0, 0.5, 0.9]),
    compactionPatienceMs: draws.pick([5, 50]),
    scanWindowBytes: draws.pick([4_096, 262_144]),
    transferWindow: draws.whole(1, 4),
    transferTimeoutMs: draws.pick([500, 5_000]),
    transferRounds: draws.whole(1, 3),
    maxCopiesOut: draws.pick([1, 16]),
    unreachableMs: draws.pick([1_000, 10_000]),
  };
}

/** Passes that end within a trial. */
function scrub(draws: Draws): Part {
  return {
    scrubPassMs: draws.pick([1_000, 5_000]),
    scrubBytesPerSecond: draws.scaled(100_000, 100_000_000),
    scrubWindowBytes: draws.pick([4_096, 262_144]),
    scrubCheckpointMs: draws.pick([200, 3_000]),
    scrubPatienceMs: draws.pick([20, 1_000]),
    yieldAboveInFlight: draws.pick([0, 4]),
  };
}

/** A token counts as long as any client asks again, however few revisions are remembered. */
function log(draws: Draws): Part {
  return { snapshotBytes: draws.scaled(2_048, 65_536), tokenRevisions: draws.scaled(50, 8_192) };
}

/** So little of the past that listings of several pages meet its end. */
function history(draws: Draws): Part {
  return { listHistory: { versions: draws.pick([0, 5, 100]), ms: draws.pick([500, 10_000]) } };
}

/** Collection that happens within a trial. */
function collection(draws: Draws): Part {
  return {
    orphans: {
      graceMs: draws.pick([LONGEST_DEADLINE_MS + 1_000, 10_000]),
      mismatchMs: draws.pick([500, 3_000]),
      everyMs: draws.pick([1_000, 5_000]),
      perRound: draws.whole(1, 4),
    },
    tombstoneMs: 20_000,
    garbageGraceMs: LONGEST_DEADLINE_MS + 1_000,
  };
}

function transfers(draws: Draws): Part {
  return {
    transfers: {
      repairs: draws.whole(1, 8),
      moves: draws.whole(1, 4),
      perNode: draws.whole(1, 3),
      bytesPerSecond: draws.scaled(1_000_000, 100_000_000),
      attempts: draws.whole(1, 3),
      silenceMs: draws.pick([3_000, 10_000]),
      backoffMs: draws.pick([500, 3_000]),
      clientP99LimitMs: draws.pick([5, 250]),
    },
    settleMs: draws.pick([200, 2_000]),
    hysteresisMs: draws.pick([5_000, 60_000]),
  };
}

function health(draws: Draws): Part {
  return {
    flapHoldMs: draws.pick([500, 5_000]),
    safeMode: { share: draws.pick([0.5, 1]), limitMs: draws.pick([3_000, 30_000]) },
    suspicion: { peers: draws.whole(1, 3), windowMs: draws.pick([1_000, 5_000]), holdMs: draws.pick([500, 5_000]) },
    gray: {
      slowFactor: draws.pick([1.5, 4]),
      slowLeastMs: draws.pick([2, 20]),
      errorShare: draws.pick([0.1, 0.5]),
      leastAttempts: draws.pick([2, 8]),
      windows: draws.whole(1, 3),
      holdMs: draws.pick([500, 10_000]),
    },
  };
}
