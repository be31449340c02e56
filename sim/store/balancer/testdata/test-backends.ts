import type { RandomStream } from '../../../host.ts';
import type { Backend, Balancer, BalancerContext } from '../balancer.ts';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';

/** A backend whose load a test sets. */
export interface TestBackend extends Backend {
  inFlight: number;
}

export const REQUEST = { key: '', keyHash: 0 } as const;

/** A table of idle backends of these weights, `data-0` first. */
export function tableOf(weights: readonly number[]): TestBackend[] {
  return weights.map((weight, index) => ({ id: `data-${index}`, index, zone: 'z', weight, inFlight: 0 }));
}

/** A balancer that knows this table. Unless the context says otherwise, it draws by seed 1 and time stands still. */
export function balancerOf(
  name: string,
  options: unknown,
  table: readonly Backend[],
  context: Partial<BalancerContext> = {},
): Balancer {
  const balancer = createBalancer(name, options, { random: seededStream(1), nowMs: () => 0, ...context });
  balancer.update(table);
  return balancer;
}

/** The places that are picked one after the other, nothing else happening. */
export function picksOf(balancer: Balancer, eligible: readonly Backend[], count: number): number[] {
  return Array.from({ length: count }, () => balancer.pick(eligible, REQUEST).index);
}

/** A stream of which every draw below a bound is `draw` modulo that bound. */
export function steadyStream(draw: number): RandomStream {
  return { ...seededStream(1), below: (bound) => ((draw % bound) + bound) % bound };
}
