import {
  type AlgorithmDefinition,
  AlgorithmError,
  type AlgorithmRegistry,
  findAlgorithm,
  parseOptions,
} from '../store/algorithm.ts';
import { balancers } from '../store/balancer/registry.ts';
import { placements } from '../store/placement/registry.ts';
import { rebalancers } from '../store/rebalance/registry.ts';
import { faultSpecs } from './faults.ts';
import { faultRegistry } from './operations.ts';
import type { Scenario } from './scenario.ts';
import { didYouMean } from './suggest.ts';
import { UserError } from './user-error.ts';

/**
 * What the schema cannot say: figures that only make sense together.
 *
 * @throws UserError with one line a mistake: place, path, found, accepted.
 */
export function checkScenario(place: string, scenario: Scenario): void {
  const mistakes = [
    ...clusterMistakes(scenario),
    ...algorithmMistakes(scenario),
    ...timeMistakes(scenario),
    ...faultMistakes(scenario),
    ...variantMistakes(scenario),
  ];
  if (mistakes.length > 0) throw new UserError(mistakes.map((mistake) => `${place}: ${mistake}`).join('\n'));
}

/** Names of all nodes of a scenario, those on standby included. */
export function dataNodeIds(scenario: Scenario): readonly string[] {
  const { count, standby } = scenario.cluster.data;
  return Array.from({ length: count + standby }, (_, i) => `data-${i + 1}`);
}

function clusterMistakes({ cluster, ...rest }: Scenario): string[] {
  const mistakes: string[] = [];
  const { replication, writeQuorum, partitions, data, zones } = cluster;
  if (replication > data.count)
    mistakes.push(`cluster.replication: found ${replication}; accepted: at most cluster.data.count, ${data.count}`);
  if (writeQuorum > replication)
    mistakes.push(`cluster.writeQuorum: found ${writeQuorum}; accepted: at most cluster.replication, ${replication}`);
  if (!Number.isInteger(Math.log2(partitions)) || partitions > 65_536)
    mistakes.push(`cluster.partitions: found ${partitions}; accepted: a power of two up to 65536`);
  if (new Set(zones).size !== zones.length)
    mistakes.push(`cluster.zones: found a name twice in ${zones.join(', ')}; accepted: distinct names`);
  const nodes = dataNodeIds({ cluster, ...rest });
  for (const [id, override] of Object.entries(data.overrides)) {
    if (!nodes.includes(id))
      mistakes.push(
        `cluster.data.overrides: found '${id}'; accepted: data-1 to data-${nodes.length}${didYouMean(id, nodes)}`,
      );
    if (override.zone !== undefined && !zones.includes(override.zone)) {
      mistakes.push(
        `cluster.data.overrides.${id}.zone: found '${override.zone}'; accepted: ${zones.join(', ')}${didYouMean(override.zone, zones)}`,
      );
    }
  }
  return mistakes;
}

/** Names and options, of the scenario itself too where every variant has its own. */
function algorithmMistakes({ cluster: { balancer, placement, rebalancer } }: Scenario): string[] {
  const check = (choose: () => unknown): string[] => {
    try {
      choose();
      return [];
    } catch (error) {
      if (error instanceof AlgorithmError) return [error.message];
      throw error;
    }
  };
  const chosen = <C, I>(
    family: string,
    registry: AlgorithmRegistry<C, I>,
    { name, options }: { readonly name: string | AlgorithmDefinition<unknown, C, I>; readonly options: unknown },
  ) => check(() => parseOptions(family, findAlgorithm(family, registry, name), options));
  return [
    ...chosen('balancer', balancers, balancer),
    ...chosen('placement', placements, placement),
    ...chosen('rebalancer', rebalancers, rebalancer),
  ];
}

function timeMistakes({ warmup, duration }: Scenario): string[] {
  return warmup < duration ? [] : [`warmup: found ${warmup} ms; accepted: less than duration, ${duration} ms`];
}

function faultMistakes({ faults, duration }: Scenario): string[] {
  try {
    return faultSpecs(
      faults,
      faultRegistry(() => undefined),
    ).flatMap(({ atMs }, position) =>
      atMs < duration ? [] : [`faults.${position}.at: found ${atMs} ms; accepted: before the end, ${duration} ms`],
    );
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n');
    throw error;
  }
}

function variantMistakes({ baseline, variants }: Scenario): string[] {
  const names = Object.keys(variants);
  if (baseline === undefined || names.includes(baseline)) return [];
  return [`baseline: found '${baseline}'; accepted: ${names.join(', ')}${didYouMean(baseline, names)}`];
}
