import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completed, parseOptions } from '../algorithm.ts';
import { isEvolving } from './evolving.ts';
import type { OwnPlacement, Placement, PlacementNode, ReplicaSet } from './placement.ts';
import { createPlacement } from './registry.ts';

/** What a placement promises beyond the contract that all of them keep. */
export interface PlacementPromises {
  /** Options to run the suite with; undefined for the defaults. */
  readonly options?: unknown;
  /**
   * Replicas that move when a node joins or leaves, as a multiple of those that the node gets or gave up, with nodes of
   * one weight and zones enough. 1, the default, is the least possible: nothing moves but to or from that node. A placement
   * that remembers is asked to evolve.
   */
  readonly disruption?: number;
  /** Which node may join or leave at that price: any, the default, or only the one whose name is the last. */
  readonly joins?: 'any' | 'last';
  /** Whether nodes may differ in weight, the default, or such nodes are refused. */
  readonly weights?: 'any' | 'equal';
  /** Largest relative error of a node's share over 8,192 partitions. */
  readonly shareWithin: number;
}

const partitions = 128;
const degrees = ['zone', 'rack', 'host'] as const;

const topology = fc.record({
  zone: fc.nat(3).map((n) => `zone-${n}`),
  rack: fc.nat(2).map((n) => `rack-${n}`),
  host: fc.nat(2).map((n) => `host-${n}`),
});
const weight = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0.1, max: 20, noNaN: true }));
const node = fc
  .tuple(fc.nat(19), weight, topology)
  .map(([n, nodeWeight, place]): PlacementNode => ({ id: `data-${n}`, weight: nodeWeight, ...place }));
const anyNodes = fc.uniqueArray(node, { minLength: 1, maxLength: 16, selector: ({ id }) => id });
const nodesOfOneWeight = anyNodes.map((nodes) => nodes.map((each) => ({ ...each, weight: 1 })));

/**
 * States with vitest what every placement keeps to, and what this one promises beyond it. Call it at the top
 * level of a test file of your own.
 */
export function placementConformance<Options>(given: OwnPlacement<Options>, promises: PlacementPromises): void {
  const definition = completed(given);
  const build = (nodes: readonly PlacementNode[]): Placement =>
    definition.create(nodes, parseOptions('placement', definition, promises.options));
  const nodeSets = promises.weights === 'equal' ? nodesOfOneWeight : anyNodes;
  const runs = { seed: 1, numRuns: 60 };

  describe(`placement ${definition.name}${promises.options === undefined ? '' : ` ${JSON.stringify(promises.options)}`}`, () => {
    it('describes itself and has a default for every option', () => {
      expect(definition.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [definition.summary, definition.source, definition.complexity, definition.weakness]) {
        expect(text).toMatch(/^\S.*\S$/);
      }
      expect(() => parseOptions('placement', definition, {})).not.toThrow();
      expect(() => parseOptions('placement', definition, { noSuchOption: 1 })).toThrow('noSuchOption');
    });

    it('gives as many distinct nodes as asked for', () => {
      fc.assert(
        fc.property(nodeSets, (nodes) => {
          const placement = build(nodes);
          const ids = new Set(nodes.map(({ id }) => id));
          for (let partition = 0; partition < 8; partition++) {
            for (let count = 1; count <= nodes.length; count++) {
              const distinct = new Set(placement.replicas(partition, count).nodes);
              if (distinct.size !== count || [...distinct].some((id) => !ids.has(id))) expect.fail(`${[...distinct]}`);
            }
          }
        }),
        runs,
      );
    });

    it('refuses a count that the nodes cannot serve', () => {
      const placement = build(cluster(3, 1));
      for (const count of [0, -1, 4, 1.5, Number.NaN]) {
        expect(() => placement.replicas(0, count)).toThrow(RangeError);
        expect(() => placement.replicas(0, count)).toThrow(`count: found ${count}`);
      }
      expect(placement.replicas(0, 3).nodes).toHaveLength(3);
    });

    it('keeps replicas as far apart as the nodes allow, and says so when that is not far', () => {
      fc.assert(
        fc.property(nodeSets, fc.nat(15), (nodes, wish) => {
          const count = 1 + (wish % nodes.length);
          const placement = build(nodes);
          for (let partition = 0; partition < 16; partition++) {
            const set = placement.replicas(partition, count);
            const owners = set.nodes.map((id) => nodes.find((each) => each.id === id));
            const distinct = (of: readonly (PlacementNode | undefined)[]) =>
              [
                (each: PlacementNode | undefined) => [each?.zone],
                (each: PlacementNode | undefined) => [each?.zone, each?.rack],
                (each: PlacementNode | undefined) => [each?.zone, each?.rack, each?.host],
              ].map((domain) => new Set(of.map((each) => JSON.stringify(domain(each)))).size);
            const possible = distinct(nodes).map((domains) => Math.min(count, domains));
            expect(distinct(owners)).toEqual(possible);
            expect(set.degraded).toBe(degrees.findLast((_, level) => (possible[level] ?? 0) < count));
          }
        }),
        runs,
      );
    });

    it('is a function of the set of nodes: neither their order nor earlier look-ups matter', () => {
      fc.assert(
        fc.property(nodeSets, fc.integer({ min: 1, max: 15 }), (nodes, shift) => {
          const count = Math.min(3, nodes.length);
          const turned = nodes.map((_, i) => nodes[(i + shift) % nodes.length]).filter((each) => each !== undefined);
          const other = build(turned.reverse());
          const backwards = Array.from({ length: partitions }, (_, i) => other.replicas(partitions - 1 - i, count));
          expect(backwards.reverse()).toEqual(owners(build(nodes), partitions, count));
        }),
        runs,
      );
    });

    it('leaves its input alone', () => {
      const nodes = Object.freeze(cluster(9, 3).map((each) => Object.freeze(each)));
      expect(() => owners(build(nodes), partitions, 3)).not.toThrow();
    });

    it('moves no more than it promises when a node joins or leaves', () => {
      fc.assert(
        fc.property(fc.integer({ min: 4, max: 24 }), fc.integer({ min: 1, max: 3 }), fc.nat(), (size, count, which) => {
          const all = cluster(size, 4);
          const one = all[promises.joins === 'last' ? size - 1 : which % size];
          const rest = all.filter((each) => each !== one);
          const built = [rest, all].map((nodes) => {
            const placement = build(nodes);
            return { nodes, placement, sets: owners(placement, partitions, count) };
          });
          for (const [change, from, to] of [
            ['joining', built[0], built[1]],
            ['leaving', built[1], built[0]],
          ] as const) {
            if (from === undefined || to === undefined) continue;
            const old = from.sets;
            const now = isEvolving(from.placement)
              ? owners(from.placement.evolve(to.nodes), partitions, count)
              : to.sets;
            const held = (change === 'joining' ? now : old).filter(({ nodes }) =>
              nodes.some((id) => id === one?.id),
            ).length;
            const allowed = held * (promises.disruption ?? 1);
            expect(arrivals(old, now), `${change} moves, ${held} replicas held`).toBeLessThanOrEqual(allowed);
          }
        }),
        runs,
      );
    });

    it('gives shares in proportion to weight', () => {
      const weights = promises.weights === 'equal' ? [] : [1, 2, 3, 4];
      const nodes = cluster(24, 6).map((each, i) => ({ ...each, weight: weights[Math.floor(i / 6)] ?? 1 }));
      const total = nodes.reduce((sum, each) => sum + each.weight, 0);
      for (const count of [1, 3]) {
        const counts = new Map(nodes.map(({ id }) => [id, 0]));
        for (const set of owners(build(nodes), 8192, count)) {
          for (const id of set.nodes) counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        for (const each of nodes) {
          const expected = (8192 * count * each.weight) / total;
          const error = Math.abs((counts.get(each.id) ?? 0) - expected) / expected;
          expect(error, `${each.id} of weight ${each.weight}, ${count} replicas`).toBeLessThan(promises.shareWithin);
        }
      }
    });

    it.runIf(promises.weights === 'equal')('refuses nodes of different weights, which it cannot honour', () => {
      const nodes = cluster(3, 3).map((each, i) => ({ ...each, weight: 1 + (i >> 1) }));
      expect(() => build(nodes)).toThrow(`placement "${definition.name}": node data-2: weight: found 2, accepted: 1`);
    });

    it('is refused for nodes that make no sense', () => {
      const two = cluster(2, 1);
      const heavy = (value: number) => two.map((each) => ({ ...each, weight: value }));
      const create = (nodes: readonly PlacementNode[]) => () => createPlacement(definition, promises.options, nodes);
      expect(create([])).toThrow(`placement "${definition.name}": nodes: found 0, accepted: at least one`);
      expect(create([...two, ...two])).toThrow('nodes: id: found "data-0", accepted: each id once');
      for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(create(heavy(value))).toThrow(`node data-0: weight: found ${value}, accepted: a finite number above 0`);
      }
    });
  });
}

/** Nodes of weight 1 over zones in turn, each on a host and in a rack of its own. */
function cluster(size: number, zones: number): PlacementNode[] {
  return Array.from({ length: size }, (_, i) => ({
    id: `data-${i}`,
    weight: 1,
    zone: `zone-${i % zones}`,
    rack: `rack-${i}`,
    host: `host-${i}`,
  }));
}

function owners(placement: Placement, count: number, replicas: number): ReplicaSet[] {
  return Array.from({ length: count }, (_, partition) => placement.replicas(partition, replicas));
}

/** Replicas in `after` that stand on nodes which did not hold their partition before. */
function arrivals(before: readonly ReplicaSet[], after: readonly ReplicaSet[]): number {
  return after.reduce((sum, set, partition) => {
    return sum + set.nodes.filter((id) => before[partition]?.nodes.includes(id) === false).length;
  }, 0);
}
