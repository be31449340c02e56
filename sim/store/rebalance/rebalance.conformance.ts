import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../algorithm.ts';
import type { Membership } from '../model.ts';
import { createPlacement } from '../placement/registry.ts';
import { predictBalance } from './balance.ts';
import { Layout } from './layout.ts';
import { relax } from './optimal/relaxation.ts';
import type {
  PlannedMove,
  RebalanceNode,
  RebalancePartition,
  Rebalancer,
  RebalancerDefinition,
  RebalanceView,
} from './rebalancer.ts';
import { risingMoves } from './rising-moves.ts';

/** What a rebalancer promises beyond the contract that all of them keep. */
export interface RebalancerPromises {
  /** Options to run the suite with; undefined for the defaults. */
  readonly options?: unknown;
  /** What it evens out: bytes, the default, or replicas, and then all partitions are of one size here. */
  readonly evens?: 'bytes' | 'replicas';
  /** Whether nodes may differ in weight, the default, or it takes all for alike. */
  readonly weights?: 'any' | 'equal';
  /**
   * Who sees to it that the fullest node gets no fuller: the algorithm with each of its moves, the default, or the leader, which
   * refuses what would (`rising-moves.ts`).
   */
  readonly maximum?: 'kept' | 'guarded';
  /** Whether it moves replicas off nodes that have to be emptied; true by default. */
  readonly drains?: boolean;
}

const never = Number.NEGATIVE_INFINITY;
const runs = { seed: 1, numRuns: 30 };
const rowNames = ['a', 'b', 'c', 'd'];

interface Shape {
  readonly weights: readonly number[];
  readonly memberships: readonly Membership[];
  readonly down: readonly boolean[];
  /** By partition, the row of the owner in each zone. */
  readonly owners: readonly (readonly number[])[];
  readonly bytes: readonly number[];
}

/** Nodes in rows of three zones: those of a row are alike, so that nothing hinders a spread by weight. */
function shapes(promises: RebalancerPromises, memberships: readonly Membership[]): fc.Arbitrary<Shape> {
  const weight = promises.weights === 'equal' ? fc.constant(1) : fc.integer({ min: 1, max: 3 });
  const size = promises.evens === 'replicas' ? fc.constant(600) : fc.integer({ min: 0, max: 1_000 });
  return fc.record({
    weights: fc.array(weight, { minLength: 4, maxLength: 4 }),
    memberships: fc.array(fc.constantFrom(...memberships), { minLength: 3, maxLength: 3 }),
    down: fc.array(
      fc.nat(9).map((draw) => draw === 0),
      { minLength: 12, maxLength: 12 },
    ),
    owners: fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(1)), { minLength: 24, maxLength: 24 }),
    bytes: fc.array(size, { minLength: 24, maxLength: 24 }),
  });
}

function nodesOf({ weights, memberships, down }: Shape): RebalanceNode[] {
  const capacity = 60_000 / weights.reduce((sum, weight) => sum + weight, 0);
  return rowNames.flatMap((row, at) =>
    [0, 1, 2].map((zone): RebalanceNode => {
      const membership = (at === 0 ? undefined : memberships[at - 1]) ?? 'active';
      const accepts = membership !== 'draining' && down[3 * at + zone] !== true;
      const weight = weights[at] ?? 1;
      const place = { id: `${row}${zone}`, zone: `zone-${zone}`, rack: 'rack', host: `${row}${zone}` };
      return { ...place, weight, membership, accepts, usedBytes: 0, capacityBytes: weight * capacity };
    }),
  );
}

function viewOf(shape: Shape): RebalanceView {
  const nodes = nodesOf(shape);
  const placement = createPlacement(
    'weighted-rendezvous',
    undefined,
    nodes.filter((node) => node.membership !== 'draining'),
  );
  const partitions = shape.owners.map((rows, number): RebalancePartition => {
    const replicas = rows.map((row, zone) => `${rowNames[row] ?? ''}${zone}`);
    const bytes = shape.bytes[number] ?? 0;
    return { number, replicas, joining: [], target: placement.replicas(number, 3).nodes, bytes, movedMs: never };
  });
  return withUsage({ nowMs: 100_000, replication: 3, nodes, partitions });
}

function withUsage(view: RebalanceView): RebalanceView {
  const used = (id: string) =>
    view.partitions.reduce((sum, { replicas, bytes }) => sum + (replicas.includes(id) ? bytes : 0), 0);
  return { ...view, nodes: view.nodes.map((node) => ({ ...node, usedBytes: used(node.id) })) };
}

/** The same with room for everything on any node. */
function roomy(view: RebalanceView): RebalanceView {
  return { ...view, nodes: view.nodes.map((node) => ({ ...node, capacityBytes: 10 * node.capacityBytes })) };
}

function carryOut(view: RebalanceView, moves: readonly PlannedMove[]): RebalanceView {
  const partitions = view.partitions.map((partition) => {
    const move = moves.find((one) => one.partition === partition.number);
    if (move === undefined) return partition;
    return { ...partition, replicas: partition.replicas.map((id) => (id === move.from ? move.to : id)) };
  });
  return withUsage({ ...view, partitions });
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

function zonesOf(view: RebalanceView, ids: readonly string[]): number {
  return new Set(ids.map((id) => view.nodes.find((node) => node.id === id)?.zone)).size;
}

/** Carries out plan after plan, each as far as the leader lets it and `atOnce` moves go, until there is none. */
function settle(
  rebalancer: Rebalancer,
  first: RebalanceView,
  atOnce = Number.POSITIVE_INFINITY,
): { readonly last: RebalanceView; readonly moves: PlannedMove[] } {
  const moves: PlannedMove[] = [];
  let last = first;
  for (let round = 0; ; round++) {
    const plan = rebalancer.plan(last);
    const refused = risingMoves(last, plan, predictBalance(last, plan));
    const done = plan.filter((move) => !refused.has(move)).slice(0, atOnce);
    if (done.length === 0) return { last, moves };
    if (round === 300) expect.fail(`plans on and on: ${JSON.stringify(done[0])}`);
    moves.push(...done);
    last = carryOut(last, done);
  }
}

/**
 * States with vitest what every rebalancer keeps to, and what this one promises beyond it. Call it at the top level of a test file
 * of your own.
 */
export function rebalancerConformance<Options>(
  definition: RebalancerDefinition<Options>,
  promises: RebalancerPromises = {},
): void {
  const build = () => definition.create(undefined, parseOptions('rebalancer', definition, promises.options));
  const still = shapes(promises, ['active', 'joining']);
  const changing = shapes(promises, ['active', 'joining', 'draining']);

  describe(`rebalancer ${definition.name}${promises.options === undefined ? '' : ` ${JSON.stringify(promises.options)}`}`, () => {
    it('describes itself and has a default for every option', () => {
      expect(definition.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [definition.summary, definition.source, definition.complexity, definition.weakness]) {
        expect(text).toMatch(/^\S.*\S$/);
      }
      expect(() => parseOptions('rebalancer', definition, {})).not.toThrow();
      expect(() => parseOptions('rebalancer', definition, { noSuchOption: 1 })).toThrow('noSuchOption');
    });

    it('plans at most one move a partition, from an owner to a node that accepts and owns nothing of it', () => {
      fc.assert(
        fc.property(changing, (shape) => {
          const view = viewOf(shape);
          const plan = build().plan(view);
          expect(new Set(plan.map(({ partition }) => partition)).size).toBe(plan.length);
          for (const { partition, from, to } of plan) {
            expect(view.partitions[partition]?.replicas).toContain(from);
            expect(view.partitions[partition]?.replicas).not.toContain(to);
            expect(view.nodes.find(({ id }) => id === to)?.accepts).toBe(true);
          }
        }),
        runs,
      );
    });

    it('leaves alone what is moving', () => {
      fc.assert(
        fc.property(changing, (shape) => {
          const view = viewOf(shape);
          const free = ({ replicas }: RebalancePartition) =>
            view.nodes.find(({ id, accepts }) => accepts && !replicas.includes(id))?.id;
          const partitions = view.partitions.map((partition) => {
            const to = partition.number % 2 === 0 ? free(partition) : undefined;
            return to === undefined ? partition : { ...partition, joining: [to], leaving: partition.replicas[0] };
          });
          for (const { partition } of build().plan({ ...view, partitions })) {
            expect(partitions[partition]?.joining).toEqual([]);
          }
        }),
        runs,
      );
    });

    it('plans the same for the same view, and changes nothing in it', () => {
      fc.assert(
        fc.property(changing, (shape) => {
          const view = frozen(viewOf(shape));
          const rebalancer = build();
          const plan = rebalancer.plan(view);
          expect(rebalancer.plan(view)).toEqual(plan);
          expect(build().plan(view)).toEqual(plan);
        }),
        runs,
      );
    });

    it('takes no partition into fewer zones for the sake of balance', () => {
      fc.assert(
        fc.property(changing, (shape) => {
          const view = viewOf(shape);
          for (const { partition, from, to, cause } of build().plan(view)) {
            const { replicas = [] } = view.partitions[partition] ?? {};
            if (cause !== 'join' && cause !== 'load') continue;
            const after = replicas.map((id) => (id === from ? to : id));
            expect(zonesOf(view, after)).toBeGreaterThanOrEqual(zonesOf(view, replicas));
          }
        }),
        runs,
      );
    });

    it.skipIf(promises.maximum === 'guarded')('makes the fullest node no fuller with any move for balance', () => {
      fc.assert(
        fc.property(still, (shape) => {
          const view = viewOf(shape);
          const plan = build().plan(view);
          let before = predictBalance(view, []).before.max;
          plan.forEach((_, at) => {
            const { max } = predictBalance(view, plan.slice(0, at + 1)).after;
            expect(max).toBeLessThanOrEqual(before * (1 + 1e-9));
            before = Math.max(before, max);
          });
        }),
        runs,
      );
    });

    it('comes to an end, and takes no replica back to where it came from', () => {
      fc.assert(
        fc.property(changing, fc.integer({ min: 1, max: 24 }), (shape, atOnce) => {
          const left = new Set<string>();
          for (const { partition, from, to } of settle(build(), viewOf(shape), atOnce).moves) {
            if (left.has(`${partition} ${to}`)) expect.fail(`partition ${partition} goes back to ${to}`);
            left.add(`${partition} ${from}`);
          }
        }),
        runs,
      );
    });

    it('moves no fewer bytes than the optimum for the balance that it reaches', () => {
      fc.assert(
        fc.property(still, (shape) => {
          const view = viewOf(shape);
          const { last, moves } = settle(build(), view);
          const moved = moves.reduce((sum, { partition }) => sum + (view.partitions[partition]?.bytes ?? 0), 0);
          if (moved === 0) return;
          const reached = new Map(new Layout(last, 0).nodes.map(({ id, bytes }) => [id, bytes]));
          const bound = ({ id }: { readonly id: string }) => reached.get(id) ?? 0;
          const { movedBytes, missedBytes } = relax(new Layout(view, 0), { lower: bound, upper: bound });
          expect(missedBytes).toBeLessThan(1e-3);
          expect(moved).toBeGreaterThanOrEqual(movedBytes - 1e-3);
        }),
        runs,
      );
    });

    it.skipIf(promises.drains === false)('empties nodes that are to leave, before anything else', () => {
      fc.assert(
        fc.property(changing, (shape) => {
          const view = roomy(viewOf({ ...shape, down: [] }));
          const causes = build()
            .plan(view)
            .map(({ cause }) => cause);
          expect(causes.lastIndexOf('drain')).toBeLessThan(causes.findIndex((cause) => cause !== 'drain') >>> 0);
          const { last } = settle(build(), view);
          const leaving = view.nodes.filter(({ membership }) => membership === 'draining').map(({ id }) => id);
          expect(last.partitions.filter(({ replicas }) => replicas.some((id) => leaving.includes(id)))).toEqual([]);
        }),
        runs,
      );
    });

    it('wants what moved lately for balance only after a hold', () => {
      fc.assert(
        fc.property(changing, (shape) => {
          const view = viewOf(shape);
          const partitions = view.partitions.map((partition) => ({ ...partition, movedMs: view.nowMs - 1 }));
          for (const { cause, notBeforeMs } of build().plan({ ...view, partitions })) {
            if (cause === 'join' || cause === 'load') expect(notBeforeMs).toBeGreaterThan(view.nowMs);
            else expect(notBeforeMs).toBeUndefined();
          }
        }),
        runs,
      );
    });
  });
}
