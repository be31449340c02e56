import { Bench } from 'tinybench';
import type { PlacementNode } from './placement.ts';
import { createPlacement, placements } from './registry.ts';

/** What a placement costs, in wall-clock time. */
export interface PlacementBenchRow {
  readonly placement: string;
  readonly nodes: number;
  readonly zones: number;
  /** One look-up of three replicas: the median over the samples, each of which is the mean of a batch. */
  readonly nsPerLookup: number;
  /** Building the placement from the list of nodes, median. */
  readonly buildMs: number;
  readonly samples: number;
}

const lookupsPerSample = 64;
const replicas = 3;

/**
 * Measures each placement with 10, 100 and 1,000 nodes in five zones, and in one, where racks must be told apart.
 *
 * @param timeMs - Time spent on each figure.
 */
export async function runPlacementBench(timeMs = 100): Promise<readonly PlacementBenchRow[]> {
  const rows: PlacementBenchRow[] = [];
  for (const nodes of [10, 100, 1000]) {
    for (const zones of [5, 1]) {
      const members = cluster(nodes, zones);
      const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4, iterations: 8, throws: true });
      for (const name of placements.keys()) {
        bench.add(`${name} lookup`, lookingUp(name, members));
        bench.add(`${name} build`, () => createPlacement(name, {}, members));
      }
      await bench.run();
      for (const placement of placements.keys()) {
        const lookup = bench.getTask(`${placement} lookup`)?.result;
        const build = bench.getTask(`${placement} build`)?.result;
        if (lookup?.state !== 'completed' || build?.state !== 'completed') continue;
        const nsPerLookup = (lookup.latency.p50 * 1e6) / lookupsPerSample;
        const samples = lookup.latency.samplesCount;
        rows.push({ placement, nodes, zones, nsPerLookup, buildMs: build.latency.p50, samples });
      }
    }
  }
  return rows;
}

function lookingUp(name: string, members: readonly PlacementNode[]): () => void {
  const placement = createPlacement(name, {}, members);
  let partition = 0;
  return () => {
    for (let i = 0; i < lookupsPerSample; i++) placement.replicas(partition++ & 4095, replicas);
  };
}

function cluster(nodes: number, zones: number): PlacementNode[] {
  return Array.from({ length: nodes }, (_, i) => ({
    id: `data-${i}`,
    weight: 1,
    zone: `zone-${i % zones}`,
    rack: `rack-${i % 20}`,
    host: `host-${i}`,
  }));
}
