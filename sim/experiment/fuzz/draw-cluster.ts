import { balancers } from '../../store/balancer/registry.ts';
import { placements } from '../../store/placement/registry.ts';
import { rebalancers } from '../../store/rebalance/registry.ts';
import type { ScenarioInput } from '../scenario.ts';
import { drawSettings, SETTINGS } from './draw-settings.ts';
import { Draws } from './draws.ts';

type ClusterInput = ScenarioInput['cluster'];

/** What is on in a cluster apart from its sizes. Each trial turns about half of them off: see {@link drawCluster}. */
const FEATURES = [
  'racks',
  'weights',
  'standby',
  'balancer',
  'placement',
  'rebalancer',
  'loss',
  'slow-network',
  'deep-disk',
  ...SETTINGS,
] as const;
type Feature = (typeof FEATURES)[number];

/**
 * A small cluster. Which features it has is drawn before how much of each ("swarm testing": Groce, Zhang, Eide, Chen and
 * Regehr, ISSTA 2012): a search in which everything is always on finds less, since features mask each other.
 */
export function drawCluster(seed: number): ClusterInput {
  const draws = new Draws(seed, 'cluster');
  const features = new Set<Feature>(draws.some(FEATURES));
  const on = <T extends object>(feature: Feature, part: () => T): T | Record<string, never> =>
    features.has(feature) ? part() : {};
  const zones = draws.pick([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
    ['a', 'b'],
    ['a', 'b', 'c', 'd'],
  ]);
  const replication = draws.pick([3, 3, 3, 2, 1]);
  const count = draws.whole(Math.max(3, replication), draws.pick([5, 8, 12]));
  const writeQuorum = draws.pick([Math.min(2, replication), Math.min(2, replication), replication, 1]);
  return {
    zones: [...zones],
    ...on('racks', () => ({ racksPerZone: draws.whole(2, 3) })),
    data: {
      count,
      disk: { capacity: 4 * 1024 * 1024 * 1024, ...on('deep-disk', () => ({ queueDepth: draws.pick([4, 16]) })) },
      ...on('standby', () => ({ standby: draws.whole(1, 3) })),
      ...overrides(draws, count, features),
    },
    gateways: { count: draws.whole(1, 3) },
    metadata: { count: draws.pick([1, 3, 3, 3, 5]) },
    clients: { count: draws.whole(1, 4) },
    ...(features.has('loss') || features.has('slow-network')
      ? {
          network: {
            ...on('loss', () => ({ lossRate: draws.pick([0.0005, 0.005, 0.02]) })),
            ...on('slow-network', () => ({
              latency: { 'cross-zone': { kind: 'lognormal' as const, meanMs: draws.pick([3, 15]), sigma: 1 } },
            })),
          },
        }
      : {}),
    replication,
    writeQuorum,
    partitions: draws.pick([4, 8, 16, 32]),
    ...on('balancer', () => ({ balancer: draws.pick(namesOf(balancers)) })),
    ...on('placement', () => ({ placement: placement(draws.pick(namesOf(placements))) })),
    ...on('rebalancer', () => ({ rebalancer: draws.pick(namesOf(rebalancers)) })),
    settings: drawSettings(draws, features),
  };
}

function overrides(
  draws: Draws,
  count: number,
  features: ReadonlySet<Feature>,
): Pick<ClusterInput['data'], 'overrides'> {
  const odd: Record<string, { weight: number }> = {};
  if (features.has('weights')) {
    for (let i = 1; i <= count; i++) if (draws.coin()) odd[`data-${i}`] = { weight: draws.pick([0.5, 2, 3]) };
  }
  return Object.keys(odd).length === 0 ? {} : { overrides: odd };
}

/** Weights are drawn apart from the placement: one that knows none is to go by the number of nodes. */
function placement(name: string): NonNullable<ClusterInput['placement']> {
  const options = { unequalWeights: 'ignore' };
  return placements.get(name)?.options.safeParse(options).success ? { name, options } : name;
}

function namesOf(registry: ReadonlyMap<string, unknown>): [string, ...string[]] {
  const [first, ...rest] = [...registry.keys()];
  if (first === undefined) throw new Error('a registry of algorithms is empty');
  return [first, ...rest];
}
