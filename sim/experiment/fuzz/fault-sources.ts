import type { FaultSource, Occasion } from './fault-source.ts';

/** How each kind of fault is drawn. One entry a kind: the search leaves about half of them out of each trial. */
export const FAULT_SOURCES: readonly FaultSource[] = [
  {
    kind: 'crash',
    draw: (occasion) => {
      const { draws, tolerance } = occasion;
      const mode = draws.pick(['process', 'machine']);
      if (draws.coin(0.12)) {
        const [victim] = draws.take(tolerance.dataNodes, 1);
        if (victim !== undefined && tolerance.lose(victim)) return { kind: 'crash', target: victim, mode };
      }
      return { kind: 'crash', target: anybody(occasion), duration: lasting(occasion), mode };
    },
  },
  {
    kind: 'pause',
    draw: (occasion) => ({ kind: 'pause', target: anybody(occasion), duration: lasting(occasion) }),
  },
  {
    kind: 'slow-disk',
    draw: (occasion) => ({
      kind: 'slow-disk',
      target: storage(occasion),
      duration: lasting(occasion),
      factor: occasion.draws.pick([5, 50, 500]),
    }),
  },
  {
    kind: 'slow-cpu',
    draw: (occasion) => ({
      kind: 'slow-cpu',
      target: anybody(occasion),
      duration: lasting(occasion),
      factor: occasion.draws.pick([10, 200]),
    }),
  },
  {
    kind: 'isolate',
    draw: (occasion) => ({ kind: 'isolate', target: anybody(occasion), duration: lasting(occasion) }),
  },
  {
    kind: 'partition',
    draw: (occasion) => {
      const [target, other] = sides(occasion);
      return { kind: 'partition', target, other, duration: lasting(occasion) };
    },
  },
  {
    kind: 'packet-loss',
    draw: (occasion) => ({
      kind: 'packet-loss',
      target: occasion.draws.coin(0.3) ? 'all' : anybody(occasion),
      duration: lasting(occasion),
      rate: occasion.draws.pick([0.05, 0.3, 0.8]),
    }),
  },
  {
    kind: 'restart-storm',
    draw: (occasion) => ({
      kind: 'restart-storm',
      target: anybody(occasion),
      duration: lasting(occasion) ?? occasion.leftMs,
      upMs: occasion.draws.pick([30, 300, 2_000]),
      downMs: occasion.draws.pick([5, 100, 500]),
    }),
  },
  {
    kind: 'one-way-partition',
    draw: (occasion) => {
      const [target, other] = sides(occasion);
      return { kind: 'one-way-partition', target, other, duration: lasting(occasion) };
    },
  },
  {
    kind: 'delay',
    draw: (occasion) => ({
      kind: 'delay',
      target: occasion.draws.coin(0.3) ? 'all' : anybody(occasion),
      duration: lasting(occasion),
      byMs: occasion.draws.pick([0, 20, 200]),
      jitterMs: occasion.draws.pick([5, 50, 500]),
    }),
  },
  {
    kind: 'reorder',
    draw: (occasion) => ({
      kind: 'reorder',
      target: occasion.draws.coin(0.5) ? 'all' : anybody(occasion),
      duration: lasting(occasion),
      rate: occasion.draws.pick([0.02, 0.2]),
      withinMs: occasion.draws.pick([20, 300, 3_000]),
    }),
  },
  {
    kind: 'duplicate',
    draw: (occasion) => ({
      kind: 'duplicate',
      target: 'all',
      duration: lasting(occasion),
      rate: occasion.draws.pick([0.05, 0.5]),
      withinMs: occasion.draws.pick([10, 1_000]),
    }),
  },
  {
    kind: 'wipe-disk',
    draw: (occasion) => {
      const { draws, tolerance, leftMs } = occasion;
      const ofMetadata = draws.coin(0.3);
      const [victim] = draws.take(ofMetadata ? tolerance.members : tolerance.dataNodes, 1);
      if (victim === undefined) return undefined;
      if (!(ofMetadata ? tolerance.forget(victim) : tolerance.destroy(victim))) return undefined;
      return { kind: 'wipe-disk', target: victim, duration: draws.scaled(20, Math.max(20, Math.floor(leftMs * 0.8))) };
    },
  },
  {
    kind: 'bit-rot',
    draw: ({ draws, tolerance }) => {
      const ofMetadata = draws.coin(0.3);
      const [victim] = draws.take(ofMetadata ? tolerance.members : tolerance.dataNodes, 1);
      if (victim === undefined) return undefined;
      if (!(ofMetadata ? tolerance.forget(victim) : tolerance.rot(victim))) return undefined;
      return { kind: 'bit-rot', target: victim, flips: draws.scaled(1, 200) };
    },
  },
  {
    kind: 'full-disk',
    draw: (occasion) => ({
      kind: 'full-disk',
      target: storage(occasion),
      duration: lasting(occasion),
      freeBytes: occasion.draws.pick([0, 20_000, 300_000]),
    }),
  },
  {
    kind: 'sync-failure',
    draw: (occasion) => ({ kind: 'sync-failure', target: storage(occasion), duration: lasting(occasion) }),
  },
  {
    kind: 'read-errors',
    draw: (occasion) => ({
      kind: 'read-errors',
      target: storage(occasion),
      // With an end: what can never be read again is destroyed, though no disk was.
      duration: lasting(occasion) ?? occasion.leftMs,
      rate: occasion.draws.pick([0.05, 0.5, 1]),
    }),
  },
  {
    kind: 'clock-jump',
    draw: (occasion) => ({
      kind: 'clock-jump',
      target: anybody(occasion),
      duration: lasting(occasion),
      byMs: occasion.draws.pick([-3_600_000, -5_000, 5_000, 3_600_000]),
    }),
  },
  {
    kind: 'clock-drift',
    // Within what the times of leases and of the failure detector allow for. Not the clients: the checks go by their clocks.
    draw: (occasion) => ({
      kind: 'clock-drift',
      target: occasion.draws.take(members(occasion), occasion.draws.whole(1, 4)),
      duration: lasting(occasion),
      rate: occasion.draws.pick([0.96, 1.04]),
    }),
  },
  {
    kind: 'drain',
    // One that is taken back may have come to its end before: it counts as any other.
    draw: ({ draws, tolerance, leftMs }) => {
      const [node] = draws.take(tolerance.dataNodes, 1);
      if (node === undefined || !tolerance.drain(node)) return undefined;
      return draws.coin(0.4)
        ? { kind: 'drain', target: node, duration: draws.scaled(20, Math.max(20, leftMs)) }
        : { kind: 'drain', target: node };
    },
  },
  {
    kind: 'leave',
    draw: ({ draws, tolerance }) => {
      const [node] = draws.take(tolerance.dataNodes, 1);
      return node === undefined || !tolerance.drain(node) ? undefined : { kind: 'leave', target: node };
    },
  },
  {
    kind: 'set-weight',
    draw: ({ draws, tolerance }) => {
      const [node] = draws.take(tolerance.dataNodes, 1);
      return node === undefined ? undefined : { kind: 'set-weight', target: node, weight: draws.pick([0.2, 1, 4]) };
    },
  },
  {
    kind: 'transfer-leader',
    draw: ({ draws, cluster }) =>
      cluster.metadata.count === 1
        ? undefined
        : { kind: 'transfer-leader', target: `metadata-${draws.whole(1, cluster.metadata.count)}` },
  },
  {
    kind: 'pause-moves',
    draw: (occasion) => ({
      kind: 'pause-moves',
      duration: lasting(occasion) ?? occasion.leftMs,
      what: occasion.draws.pick(['rebalance', 'repair', 'all']),
    }),
  },
  {
    kind: 'add-nodes',
    draw: ({ tolerance }) => {
      const node = tolerance.takeStandby();
      return node === undefined ? undefined : { kind: 'add-nodes', target: node };
    },
  },
];

/** How long a fault lasts: from a moment to most of what is left of the trial. Undefined: it never ends. */
function lasting({ draws, leftMs, mayLast }: Occasion): number | undefined {
  if (mayLast && draws.coin(0.3)) return undefined;
  return draws.scaled(20, Math.max(20, Math.floor(leftMs * 0.8)));
}

/** Nodes of one role, or some of any. */
function anybody(occasion: Occasion): string | string[] {
  const { draws, cluster } = occasion;
  const all = members(occasion);
  const [group] = draws.take<() => string | string[]>(
    [
      () => draws.take(tolerant(occasion), draws.whole(1, 2)),
      () => draws.take(named('metadata', cluster.metadata.count), 1),
      () => draws.take(named('metadata', cluster.metadata.count), draws.whole(1, cluster.metadata.count)),
      () => draws.take(named('gateway', cluster.gateways.count), 1),
      () => draws.take(all, draws.whole(1, 3)),
      // Zones are filled in turn: there may be more of them than nodes.
      () => `zone:${draws.take(cluster.zones.slice(0, cluster.data.count), 1)[0] ?? ''}`,
      () => draws.pick(['role:data', 'role:metadata', 'role:gateway']),
      () => 'leader',
      () => 'leader',
    ],
    1,
  );
  const drawn = group?.() ?? [];
  return drawn.length === 0 ? 'metadata-1' : drawn;
}

function storage(occasion: Occasion): string | string[] {
  const { draws, cluster } = occasion;
  const nodes = tolerant(occasion);
  return draws.coin(0.7) && nodes.length > 0
    ? draws.take(nodes, draws.whole(1, 3))
    : draws.take(named('metadata', cluster.metadata.count), draws.whole(1, cluster.metadata.count));
}

/** Two groups without a common node. */
function sides(occasion: Occasion): [string[], string[]] {
  const { draws } = occasion;
  const all = draws.take([...members(occasion), ...named('client', occasion.cluster.clients.count)], 1_000);
  const here = draws.whole(1, Math.max(1, all.length - 1));
  const there = draws.coin() ? all.length : Math.min(all.length, here + draws.whole(1, 3));
  return [all.slice(0, here), all.slice(here, Math.max(here + 1, there))];
}

function tolerant({ tolerance }: Occasion): readonly string[] {
  return tolerance.dataNodes;
}

/** Everything but the clients: what only they know is lost with them, which would leave little to judge. */
function members(occasion: Occasion): string[] {
  const { cluster } = occasion;
  return [
    ...tolerant(occasion),
    ...named('metadata', cluster.metadata.count),
    ...named('gateway', cluster.gateways.count),
  ];
}

function named(role: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${role}-${i + 1}`);
}
