import { Bench } from 'tinybench';
import { AlgorithmError } from '../algorithm.ts';
import type { Placement, PlacementNode } from './placement.ts';
import { createPlacement, placements } from './registry.ts';

/** What a placement costs, in wall-clock time. */
export interface PlacementBenchRow {
  readonly placement: string;
  readonly nodes: number;
  readonly zones: number;
  /** One look-up of three replicas: the median over the samples, each of which is the mean of a batch. */
  readonly nsPerLookup: number;
  /** One look-up of one replica, likewise. */
  readonly nsPerOwner: number;
  /** Building the placement from the list of nodes, median: also what a join or leave costs, for a placement is built anew. */
  readonly buildMs: number;
  /** What the placement keeps in memory, without the nodes themselves; undefined without `--expose-gc`. */
  readonly bytes: number | undefined;
  readonly samples: number;
}

const lookupsPerSample = 64;
const replicas = 3;
const partitions = 4096;

/**
 * Measures each placement with 10, 100, 1,000 and 10,000 nodes in five zones, and in one, where racks must be told apart.
 *
 * @param timeMs - Time spent on each figure.
 */
export async function runPlacementBench(
  timeMs = 100,
  sizes: readonly number[] = [10, 100, 1000, 10_000],
): Promise<readonly PlacementBenchRow[]> {
  const rows: PlacementBenchRow[] = [];
  for (const nodes of sizes) {
    for (const zones of [5, 1]) {
      const members = benchCluster(nodes, zones);
      const bench = new Bench({
        time: timeMs,
        warmupTime: timeMs / 4,
        iterations: 3,
        warmupIterations: 1,
        throws: true,
      });
      const names = [...placements.keys()].filter((name) => accepts(name, members));
      for (const name of names) {
        const placement = benchPlacement(name, members);
        bench.add(`${name} look-up`, lookingUp(placement, replicas));
        bench.add(`${name} owner`, lookingUp(placement, 1));
        bench.add(`${name} build`, () => benchPlacement(name, members));
      }
      await bench.run();
      for (const name of names) {
        const [lookup, owner, build] = ['look-up', 'owner', 'build'].map(
          (what) => bench.getTask(`${name} ${what}`)?.result,
        );
        if (lookup?.state !== 'completed' || owner?.state !== 'completed' || build?.state !== 'completed') continue;
        rows.push({
          placement: name,
          nodes,
          zones,
          nsPerLookup: (lookup.latency.p50 * 1e6) / lookupsPerSample,
          nsPerOwner: (owner.latency.p50 * 1e6) / lookupsPerSample,
          buildMs: build.latency.p50,
          bytes: retainedBytes(() => benchPlacement(name, members)),
          samples: lookup.latency.samplesCount,
        });
      }
    }
  }
  return rows;
}

/** A placement of these nodes under the options that fit their number. */
export function benchPlacement(name: string, members: readonly PlacementNode[]): Placement {
  return createPlacement(name, name === 'anchor' ? { capacity: members.length * 2 } : {}, members);
}

/** Whether a placement serves so many nodes. */
function accepts(name: string, members: readonly PlacementNode[]): boolean {
  try {
    benchPlacement(name, members);
    return true;
  } catch (error) {
    if (error instanceof AlgorithmError) return false;
    throw error;
  }
}

function lookingUp(placement: Placement, count: number): () => void {
  let partition = 0;
  return () => {
    for (let i = 0; i < lookupsPerSample; i++) placement.replicas(partition++ % partitions, count);
  };
}

/** What is kept in memory of what `build` returns; undefined without `--expose-gc`. */
export function retainedBytes(build: () => unknown): number | undefined {
  const collect = globalThis.gc;
  if (collect === undefined) return undefined;
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const built = [build()];
  const after = used();
  return built.length === 1 ? after - before : undefined;
}

/** Nodes `data-1` and so on of one weight, over zones and 20 racks in turn, each on a host of its own. */
export function benchCluster(nodes: number, zones: number): PlacementNode[] {
  return Array.from({ length: nodes }, (_, i) => ({
    id: `data-${i + 1}`,
    weight: 1,
    zone: `zone-${i % zones}`,
    rack: `rack-${i % 20}`,
    host: `host-${i}`,
  }));
}
