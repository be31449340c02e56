import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MinCostFlow } from './min-cost-flow.ts';

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  readonly cost: number;
}

/** Tries all flows; undefined if none routes everything. */
function cheapest(edges: readonly Edge[], surplus: readonly number[]): number | undefined {
  const [edge, ...rest] = edges;
  if (edge === undefined) return surplus.every((amount) => amount === 0) ? 0 : undefined;
  let best: number | undefined;
  for (let passing = 0; passing <= edge.capacity; passing++) {
    const left = [...surplus];
    left[edge.from] = (left[edge.from] ?? 0) - passing;
    left[edge.to] = (left[edge.to] ?? 0) + passing;
    const others = cheapest(rest, left);
    const cost = others === undefined ? undefined : others + passing * edge.cost;
    if (cost !== undefined && (best === undefined || cost < best)) best = cost;
  }
  return best;
}

describe('min-cost flow', () => {
  it('costs what the cheapest of all flows costs, and fails only where there is none', () => {
    const vertices = 5;
    const vertex = fc.nat(vertices - 1);
    const edge = fc.record({ from: vertex, to: vertex, capacity: fc.nat(2), cost: fc.nat(4) });
    const edges = fc.array(
      edge.filter(({ from, to }) => from !== to),
      { minLength: 4, maxLength: 8 },
    );
    fc.assert(
      fc.property(edges, vertex, vertex, vertex, fc.integer({ min: 1, max: 3 }), (given, a, b, want, amount) => {
        const surplus = Array<number>(vertices).fill(0);
        surplus[a] = (surplus[a] ?? 0) + amount;
        surplus[b] = (surplus[b] ?? 0) + 1;
        surplus[want] = (surplus[want] ?? 0) - amount - 1;
        const flow = new MinCostFlow(vertices);
        const arcs = given.map(({ from, to, capacity, cost }) => flow.addArc(from, to, capacity, cost));
        surplus.forEach((each, at) => {
          flow.addSurplus(at, each);
        });
        const left = flow.solve();
        const cost = given.reduce((sum, each, at) => sum + each.cost * flow.added(arcs[at] ?? 0, each.capacity), 0);
        const expected = cheapest(given, surplus);
        if (expected === undefined) expect(left).toBeGreaterThan(0);
        else expect({ left, cost }).toEqual({ left: 0, cost: expected });
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('assigns as well as the best of all permutations', () => {
    const costs = fc.array(fc.nat(20), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(costs, (given) => {
        const cost = (worker: number, job: number) => given[4 * worker + job] ?? 0;
        const best = (worker: number, jobs: readonly number[]): number =>
          jobs.length === 0
            ? 0
            : Math.min(
                ...jobs.map(
                  (job) =>
                    cost(worker, job) +
                    best(
                      worker + 1,
                      jobs.filter((other) => other !== job),
                    ),
                ),
              );
        const flow = new MinCostFlow(8);
        const arcs = given.map((each, at) => flow.addArc(at >> 2, 4 + (at & 3), 1, each));
        for (let vertex = 0; vertex < 8; vertex++) flow.addSurplus(vertex, vertex < 4 ? 1 : -1);
        expect(flow.solve()).toBe(0);
        expect(given.reduce((sum, each, at) => sum + each * flow.added(arcs[at] ?? 0, 1), 0)).toBe(
          best(0, [0, 1, 2, 3]),
        );
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('takes back what passes at first where that is cheaper', () => {
    const flow = new MinCostFlow(4);
    // 0 → 1 → 3 is in use and 2 is free; what comes new to 1 pushes it aside.
    const first = flow.addArc(0, 1, 0, 0, 1);
    flow.addArc(1, 3, 0, 0, 1);
    const other = flow.addArc(0, 2, 1, 1);
    flow.addArc(2, 3, 1, 0);
    flow.addSurplus(1, 1);
    flow.addSurplus(3, -1);
    expect(flow.solve()).toBe(0);
    expect([flow.added(first, 0), flow.added(other, 1)]).toEqual([-1, 1]);
  });
});
