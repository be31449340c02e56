import type { FaultInput, ScenarioInput } from '../scenario.ts';
import type { FaultSource } from './fault-source.ts';
import { FAULT_SOURCES } from './fault-sources.ts';

type ClusterInput = ScenarioInput['cluster'];
type Component = keyof NonNullable<ClusterInput['settings']>;

/** A bias of the search towards conditions that trials drawn at large seldom meet. */
export interface Focus {
  /** Of which trials, in words. */
  readonly about: string;
  /** The kinds of faults that are drawn, all of them; by default about half of all kinds, as ever. */
  readonly faults?: readonly FaultSource[];
  /** What is different about the scenario, before its faults are drawn. */
  shape?(input: ScenarioInput): ScenarioInput;
}

export type FocusName =
  | 'elections'
  | 'operations'
  | 'lossy-operations'
  | 'joins'
  | 'moves'
  | 'cut-off'
  | 'lost-disks'
  | 'lost-members'
  | 'power-cuts'
  | 'failing-syncs'
  | 'snapshots'
  | 'listings'
  | 'compaction'
  | 'orphans'
  | 'leftovers'
  | 'rot'
  | 'rot-and-moves'
  | 'small-disks'
  | 'played-twice';

/** Segments that are full and rewritten all the time. */
const SMALL_SEGMENTS = { segmentBytes: 16_384, compactionLiveShare: 0.9 };

/** No fault at all: only what operators do. */
const OPERATIONS = kinds('add-nodes', 'drain', 'set-weight', 'pause-moves', 'transfer-leader');

/** Machines lose power, one after another or all of them, and come back. */
const POWER_CUT: FaultSource = {
  kind: 'crash',
  draw: ({ draws, cluster, leftMs }) => {
    const target: FaultInput[string] = draws.pick([
      ['role:data'],
      ['role:metadata'],
      ['role:metadata', 'role:data'],
      draws.take(named('data', cluster.data.count), draws.whole(1, cluster.data.count)),
      draws.take(named('metadata', cluster.metadata.count), draws.whole(1, cluster.metadata.count)),
    ]);
    return { kind: 'crash', target, duration: draws.scaled(20, Math.max(20, leftMs >> 1)), mode: 'machine' };
  },
};

/** Syncs of all data nodes fail for a while. */
const FAILING_SYNCS: FaultSource = {
  kind: 'sync-failure',
  draw: ({ draws }) => ({ kind: 'sync-failure', target: 'role:data', duration: draws.scaled(100, 4_000) }),
};

/** Members of the metadata group restart, some or all at once. */
const RESTARTED_MEMBERS: FaultSource = {
  kind: 'crash',
  draw: ({ draws }) => {
    const target = draws.pick(['leader', 'leader', 'role:metadata']);
    return { kind: 'crash', target, duration: draws.scaled(20, 800), mode: draws.pick(['process', 'machine']) };
  },
};

/** Members of the metadata group stop, stand still or are cut off, the leader above all. */
const STRUCK_MEMBERS: FaultSource = {
  kind: 'pause',
  draw: ({ draws, cluster, leftMs }) => {
    const members = draws.take(named('metadata', cluster.metadata.count), cluster.metadata.count);
    const target: FaultInput[string] = draws.coin(0.6)
      ? 'leader'
      : draws.take(members, draws.whole(1, members.length - 1));
    const duration = draws.scaled(300, Math.max(300, leftMs >> 1));
    const kind = draws.pick(['pause', 'isolate', 'crash', 'packet-loss', 'partition', 'partition']);
    // Clients still reach both sides: who was deposed and does not know it goes on answering.
    if (kind === 'partition') return { kind, target: members.slice(0, 1), other: members.slice(1), duration };
    if (kind === 'crash') return { kind, target, duration, mode: draws.pick(['process', 'machine']) };
    return kind === 'packet-loss' ? { kind, target, duration, rate: 0.5 } : { kind, target, duration };
  },
};

/** Data nodes or gateways are cut off from metadata alone. */
const CUT_OFF: FaultSource = {
  kind: 'partition',
  draw: ({ draws, cluster, leftMs }) => {
    const target = draws.coin()
      ? draws.take(named('data', cluster.data.count), draws.whole(1, 2))
      : draws.take(named('gateway', cluster.gateways.count), draws.whole(1, 2));
    const other = named('metadata', cluster.metadata.count);
    return { kind: 'partition', target, other, duration: draws.scaled(1_000, Math.max(1_000, leftMs)) };
  },
};

/** So many bits of one node's disk turn over that hardly a block on it is good. */
const ROTTEN_DISK: FaultSource = {
  kind: 'bit-rot',
  draw: ({ draws, tolerance }) => {
    const [victim] = draws.take(tolerance.dataNodes, 1);
    if (victim === undefined || !tolerance.rot(victim)) return undefined;
    return { kind: 'bit-rot', target: victim, flips: draws.scaled(200, 2_000) };
  },
};

/** One metadata node after another comes back with an empty disk: at most a minority in all, so nothing may be lost. */
const LOST_MEMBER: FaultSource = {
  kind: 'wipe-disk',
  draw: ({ draws, tolerance, leftMs }) => {
    const [victim] = draws.take(tolerance.members, 1);
    if (victim === undefined || !tolerance.forget(victim)) return undefined;
    return { kind: 'wipe-disk', target: victim, duration: draws.scaled(20, Math.max(20, leftMs >> 2)) };
  },
};

/** By name, as `evenkeel fuzz --focus` takes it. */
export const FOCI: Readonly<Record<FocusName, Focus>> = {
  elections: {
    about: 'a metadata group whose members stop or are cut off, the leader above all, under writes that conflict',
    faults: [STRUCK_MEMBERS],
    shape: (input) => quick(withCluster(input, { metadata: { count: 3 }, network: {} })),
  },
  operations: {
    about: 'nodes that join and leave, weights that change, leaders that hand over; no faults',
    faults: OPERATIONS,
    shape: (input) => withNodes(input, 6, 3),
  },
  'lossy-operations': {
    about: 'the same on a network that loses one message in ten',
    faults: OPERATIONS,
    shape: (input) => withCluster(withNodes(input, 6, 3), { network: { lossRate: 0.1 } }),
  },
  joins: {
    about:
      'nodes that join or leave, and nothing else; what is stored is only read, so that it is known what must move',
    faults: kinds('add-nodes', 'drain'),
    shape: (input) =>
      withTraffic(
        withCluster(withNodes(input, 6, 3), {
          partitions: 32,
          network: {},
          placement: 'weighted-rendezvous',
          rebalancer: 'placement-target',
          settings: {},
        }),
        { keys: { count: 400 }, sizes: { kind: 'fixed', bytes: 4_000 }, mix: { get: 1 } },
      ),
  },
  moves: {
    about: 'a single copy of everything, which moves all the time, between nodes that are slow or cut off',
    faults: kinds('add-nodes', 'drain', 'set-weight', 'isolate', 'slow-disk', 'partition'),
    shape: (input) => withNodes(withCluster(quick(input), { partitions: 16, replication: 1, writeQuorum: 1 }), 6, 3),
  },
  'cut-off': {
    about: 'nodes and gateways that reach each other, but no metadata, while the map changes',
    faults: [CUT_OFF, CUT_OFF, ...kinds('add-nodes', 'set-weight', 'pause')],
    shape: (input) => withCluster(withNodes(quick(input), 5, 3), { gateways: { count: 3 }, network: {} }),
  },
  'lost-disks': {
    about: 'disks that are lost, and crashes',
    faults: kinds('wipe-disk', 'crash', 'slow-disk'),
    shape: (input) => withCluster(input, { replication: 3, writeQuorum: 2 }),
  },
  'lost-members': {
    about: 'metadata nodes that come back with empty disks',
    faults: [LOST_MEMBER, ...kinds('slow-disk', 'delay', 'packet-loss')],
    shape: (input) => quick(withCluster(input, { metadata: { count: 5 } })),
  },
  'power-cuts': {
    about: 'power cuts, failing syncs and slow disks',
    faults: [POWER_CUT, ...kinds('sync-failure', 'slow-disk')],
    shape: (input) => quick(withCluster(input, { metadata: { count: 3 } })),
  },
  'failing-syncs': {
    about: 'a single copy of everything, on disks whose syncs fail before the power does',
    faults: [FAILING_SYNCS, POWER_CUT],
    shape: (input) => withCluster(quick(input), { replication: 1, writeQuorum: 1 }),
  },
  snapshots: {
    about:
      'metadata that makes snapshots all the time and starts from them, under conditional writes that are asked for again',
    faults: [RESTARTED_MEMBERS, RESTARTED_MEMBERS, STRUCK_MEMBERS, ...kinds('wipe-disk')],
    shape: (input) => {
      const small = quick(withCluster(input, { metadata: { count: 3 }, network: {} }));
      const cut = withSettings(small, 'metadata', { snapshotBytes: 1_024 });
      const mix = { get: 2, put: 2, putIfAbsent: 3, putIfMatch: 2, delete: 3, list: 1, head: 1 };
      return withTraffic(withMix(cut, mix), { rate: 120, keys: { count: 4 } });
    },
  },
  listings: {
    about: 'listings of several pages while keys come and go',
    faults: [STRUCK_MEMBERS],
    shape: (input) =>
      withTraffic(withMix(quick(input), { put: 4, delete: 4, listFolders: 6 }), { keys: { count: 240 }, rate: 100 }),
  },
  compaction: {
    about: 'a single copy of everything in small segments that are rewritten all the time, and power cuts',
    faults: [POWER_CUT],
    shape: (input) =>
      withMix(
        withSettings(
          withSettings(withCluster(quick(input), { replication: 1, writeQuorum: 1 }), 'dataNode', SMALL_SEGMENTS),
          'metadata',
          { garbageGraceMs: 1_000 },
        ),
        { put: 6, delete: 2 },
      ),
  },
  orphans: {
    about: 'uploads that fail half-way, and a quick collection of what they leave',
    faults: kinds('packet-loss', 'slow-disk', 'delay', 'isolate', 'pause'),
    shape: (input) =>
      withSettings(input, 'metadata', { orphans: { graceMs: 12_000, mismatchMs: 300, everyMs: 500, perRound: 32 } }),
  },
  leftovers: {
    about: 'a store that is watched for a while when all is over: what was replaced or deleted must be gone by then',
    faults: kinds('crash', 'drain', 'isolate'),
    shape: (input) => {
      const metadata = { garbageGraceMs: 2_000, orphans: { graceMs: 10_000, mismatchMs: 500, everyMs: 1_000 } };
      const small = withSettings(withSettings(quick(input), 'metadata', metadata), 'dataNode', SMALL_SEGMENTS);
      return { ...withMix(small, { put: 4, delete: 3 }), convergeWithin: 20_000, checks: { rest: 120_000 } };
    },
  },
  rot: {
    about: 'bits that turn over on disks, a scrub that goes round often, and time enough for it',
    faults: [ROTTEN_DISK],
    shape: (input) => {
      const copies = withCluster(quick(input), { replication: 3, writeQuorum: 3, network: {} });
      const scrubbed = withSettings(copies, 'dataNode', {
        scrub: 'on',
        scrubPassMs: 2_000,
        scrubPatienceMs: 20,
        scrubBytesPerSecond: 10_000_000,
        scrubWindowBytes: 262_144,
      });
      return { ...withTraffic(scrubbed, { keys: { count: 60 } }), checks: { rest: 60_000 } };
    },
  },
  'rot-and-moves': {
    about: 'a rotten disk that nobody looks through, while replicas move between two copies of everything',
    faults: [ROTTEN_DISK, ROTTEN_DISK, ...kinds('add-nodes', 'drain', 'set-weight')],
    shape: (input) => {
      const copies = withCluster(quick(input), { partitions: 16, replication: 2, writeQuorum: 2, network: {} });
      const moving = withSettings(withNodes(copies, 6, 3), 'dataNode', { scrub: 'off' });
      return withTraffic(moving, { keys: { count: 120 } });
    },
  },
  'small-disks': {
    about: 'disks that are nearly full, and weights that ask for more than fits',
    faults: [...kinds('set-weight', 'set-weight', 'drain', 'add-nodes')],
    shape: (input) => {
      const roomy = withNodes(withCluster(quick(input), { partitions: 32, network: {} }), 6, 1);
      const { data } = roomy.cluster;
      const full = withCluster(roomy, { data: { ...data, disk: { capacity: 8_000_000 } } });
      const sizes = { kind: 'fixed', bytes: 65_536 };
      return withTraffic(full, { sizes, keys: { count: 160 }, mix: { get: 10, put: 1 }, rate: 30 });
    },
  },
  'played-twice': {
    about: 'trials of any kind, each played again: it must take the same course',
    shape: (input) => ({ ...input, checks: { determinism: true } }),
  },
};

export function isFocus(name: string): name is FocusName {
  return Object.hasOwn(FOCI, name);
}

function kinds(...wanted: string[]): FaultSource[] {
  return wanted.map((kind) => {
    const source = FAULT_SOURCES.find((other) => other.kind === kind);
    if (source === undefined) throw new Error(`kind of fault: found ${kind}, which nothing draws`);
    return source;
  });
}

/** Few nodes, keys and bytes, and a short time: many such trials take as long as one large one. */
function quick(input: ScenarioInput): ScenarioInput {
  const small = withCluster(input, {
    partitions: 4,
    replication: 3,
    writeQuorum: 2,
    data: { ...input.cluster.data, count: 4, standby: 0, overrides: {} },
    placement: 'weighted-rendezvous',
  });
  const duration = 10_000;
  const traffic = { rate: 60, keys: { count: 6 }, sizes: { kind: 'fixed', bytes: 500 }, clients: 6 };
  return withTraffic({ ...small, duration }, traffic);
}

function withCluster(input: ScenarioInput, change: Partial<ClusterInput>): ScenarioInput {
  return { ...input, cluster: { ...input.cluster, ...change } };
}

/** At least so many data nodes in three zones, and others that stand by. */
function withNodes(input: ScenarioInput, least: number, standby: number): ScenarioInput {
  const { data } = input.cluster;
  return withCluster(input, { zones: ['a', 'b', 'c'], data: { ...data, count: Math.max(least, data.count), standby } });
}

function withSettings(input: ScenarioInput, component: Component, change: Record<string, unknown>): ScenarioInput {
  const { settings = {} } = input.cluster;
  return withCluster(input, { settings: { ...settings, [component]: { ...settings[component], ...change } } });
}

/** More of some operations; others stay as they are. */
function withMix(input: ScenarioInput, change: Readonly<Record<string, number>>): ScenarioInput {
  const { traffic } = input;
  const mix = 'mix' in traffic && typeof traffic.mix === 'object' ? traffic.mix : {};
  return withTraffic(input, { mix: { ...mix, ...change } });
}

function withTraffic(input: ScenarioInput, change: object): ScenarioInput {
  return { ...input, traffic: Object.assign({ ...input.traffic }, change) };
}

function named(role: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${role}-${i + 1}`);
}
