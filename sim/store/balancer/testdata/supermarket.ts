import { seededStream } from '../seeded-stream.ts';
import { balancerOf, REQUEST, tableOf } from './test-backends.ts';

/**
 * Mean time in the system, in mean service times: Poisson arrivals at `load` per server, exponential service, first come
 * first served, one dispatcher that knows all queues. The first tenth is not measured.
 */
export function meanTimeInSystem(
  name: string,
  options: unknown,
  { servers, load, customers, seed }: { servers: number; load: number; customers: number; seed: number },
): number {
  const table = tableOf(new Array<number>(servers).fill(1));
  const balancer = balancerOf(name, options, table, { random: seededStream(seed) });
  const draws = seededStream(seed + 1_000);
  /** When those at each server arrived, first come first. */
  const queues = table.map((): number[] => []);
  const ends = new Float64Array(servers).fill(Number.POSITIVE_INFINITY);
  let arrival = draws.exponential(1 / (load * servers));
  let arrived = 0;
  let measured = 0;
  let sum = 0;
  while (measured < customers * 0.9) {
    let next = 0;
    for (let i = 1; i < servers; i++) if ((ends[i] ?? 0) < (ends[next] ?? 0)) next = i;
    const end = ends[next] ?? 0;
    if (arrival < end) {
      const picked = balancer.pick(table, REQUEST).index;
      const queue = queues[picked];
      const server = table[picked];
      if (queue === undefined || server === undefined) throw new Error('picked a server that there is not');
      server.inFlight++;
      if (queue.push(arrived++ < customers / 10 ? Number.NaN : arrival) === 1)
        ends[picked] = arrival + draws.exponential(1);
      arrival += draws.exponential(1 / (load * servers));
    } else {
      const queue = queues[next] ?? [];
      const server = table[next];
      const since = queue.shift();
      if (since === undefined || server === undefined) throw new Error('nobody was there');
      ends[next] = queue.length > 0 ? end + draws.exponential(1) : Number.POSITIVE_INFINITY;
      server.inFlight--;
      balancer.onFeedback?.(server, { kind: 'answer', inFlight: server.inFlight, serviceMs: 1 });
      balancer.onDone(server, 'ok', 1);
      if (Number.isNaN(since)) continue;
      sum += end - since;
      measured++;
    }
  }
  return sum / measured;
}
