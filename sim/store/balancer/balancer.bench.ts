import { Bench } from 'tinybench';
import { hashKey } from '../hash.ts';
import type { Backend, LoadFeedback } from './balancer.ts';
import { balancers, createBalancer } from './registry.ts';
import { seededStream } from './seeded-stream.ts';

/** What a pick costs, in wall-clock time. */
export interface BalancerBenchRow {
  readonly balancer: string;
  readonly options: string;
  /** Size of the table. */
  readonly backends: number;
  /** How many of them could answer each request. */
  readonly eligible: number;
  /** Median over the samples, each of which is the mean of a batch. */
  readonly nsPerPick: number;
  readonly samples: number;
}

const picksPerSample = 1000;

const variants: readonly (readonly [string, object])[] = [...balancers.keys()].map((name) => [name, {}]);

/** What every data node tells; probes are answered at once. */
const FEEDBACK: LoadFeedback = { kind: 'probe', inFlight: 4, latencyMs: 1 };

/**
 * Measures each balancer with 10, 100 and 1,000 backends, 3 of them eligible or all, with loads of 0 to 7 in flight.
 *
 * @param timeMs - Time spent on each of the rows.
 */
export async function runBalancerBench(timeMs = 100): Promise<readonly BalancerBenchRow[]> {
  const rows: BalancerBenchRow[] = [];
  for (const backends of [10, 100, 1000]) {
    for (const eligible of [3, backends]) {
      const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4, iterations: 16, throws: true });
      variants.forEach(([name, options], i) => {
        bench.add(String(i), picking(name, options, backends, eligible));
      });
      await bench.run();
      variants.forEach(([balancer, options], i) => {
        const result = bench.getTask(String(i))?.result;
        if (result?.state !== 'completed') return;
        const { p50, samplesCount } = result.latency;
        rows.push({
          balancer,
          options: JSON.stringify(options),
          backends,
          eligible,
          nsPerPick: (p50 * 1e6) / picksPerSample,
          samples: samplesCount,
        });
      });
    }
  }
  return rows;
}

/** A batch of picks over requests and sets of replicas that are prepared beforehand. */
function picking(name: string, options: unknown, backends: number, eligible: number): () => void {
  const random = seededStream(1);
  const table = Array.from(
    { length: backends },
    (_, index): Backend => ({ id: `data-${index}`, index, zone: 'z', weight: 1, inFlight: random.below(8) }),
  );
  const probe = (backend: Backend) => balancer.onFeedback?.(backend, FEEDBACK);
  const balancer = createBalancer(name, options, { random, nowMs: () => 0, probe });
  balancer.update(table);
  const requests = Array.from({ length: 1024 }, (_, i) => {
    const key = `photos/${i}.jpg`;
    return { key, keyHash: hashKey(key) };
  });
  const sets = requests.map(() => {
    if (eligible === backends) return table;
    const places = new Set<number>();
    while (places.size < eligible) places.add(random.below(backends));
    return table.filter(({ index }) => places.has(index));
  });
  let at = 0;
  return () => {
    for (let i = 0; i < picksPerSample; i++) {
      at = (at + 1) & 1023;
      const request = requests[at];
      if (request !== undefined) balancer.pick(sets[at] ?? table, request);
    }
  };
}
