import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CrushMapper } from '../placement/crush/crush-mapper.ts';
import { rjenkins2 } from '../placement/crush/rjenkins.ts';
import { parseCrushMap } from '../placement/crush/testdata/parse-crush-map.ts';
import type { RebalanceNode, RebalancePartition, RebalanceView } from './rebalancer.ts';
import { createRebalancer } from './registry.ts';

const path = '../shared/vectors/ceph_upmap.json';
const schema = z.object({
  results: z.array(
    z.object({
      case: z.string(),
      upmap_deviation: z.number(),
      pg_num: z.number(),
      crushmap_text: z.string(),
      moved_pg_replicas: z.number(),
      before: z.object({
        osd: z.record(z.string(), z.object({ pgs: z.number(), crush_weight: z.number() })),
        stddev: z.number(),
      }),
      after: z.object({ osd: z.record(z.string(), z.object({ pgs: z.number() })) }),
      pg_to_osds_before: z.array(z.array(z.number())).nullable(),
    }),
  ),
});
type Result = z.output<typeof schema>['results'][number];

/** As the OSD map does it: placement group to input of CRUSH, and that to devices. */
function mapped({ crushmap_text, pg_num }: Result): number[][] {
  const { root, rules } = parseCrushMap(crushmap_text);
  const [steps] = Object.values(rules);
  if (steps === undefined) throw new Error('no rule');
  const mapper = new CrushMapper([root], 3);
  const devices = new Int32Array(3);
  return Array.from({ length: pg_num }, (_, pg) => {
    const written = mapper.map(steps, rjenkins2(pg, 1), 3, devices, () => 0x10000);
    return [...devices.subarray(0, written)];
  });
}

function viewOf(result: Result, before: readonly (readonly number[])[], devicesPerHost: number): RebalanceView {
  const nodes = Object.entries(result.before.osd).map(([osd, { crush_weight }]): RebalanceNode => {
    const host = `host-${Math.floor(Number(osd) / devicesPerHost)}`;
    const place = { id: `osd.${osd}`, zone: host, rack: 'rack', host };
    return { ...place, weight: crush_weight, membership: 'active', accepts: true, usedBytes: 0, capacityBytes: 1e9 };
  });
  const partitions = before.map((devices, number): RebalancePartition => {
    const replicas = devices.map((osd) => `osd.${osd}`);
    return { number, replicas, joining: [], target: replicas, bytes: 1, movedMs: Number.NEGATIVE_INFINITY };
  });
  return { nowMs: 0, replication: 3, nodes, partitions };
}

/** Replicas a node, and how many have moved, once there is nothing left to plan. */
function settled(
  view: RebalanceView,
  maxDeviation: number,
): { readonly counts: Map<string, number>; readonly moved: number } {
  const rebalancer = createRebalancer('greedy-exceptions', { maxDeviation, maxChanges: 100_000 });
  const owners = view.partitions.map(({ replicas }) => [...replicas]);
  for (;;) {
    const partitions = view.partitions.map((partition, at) => ({ ...partition, replicas: [...(owners[at] ?? [])] }));
    const plan = rebalancer.plan({ ...view, partitions });
    if (plan.length === 0) break;
    for (const { partition, from, to } of plan) owners[partition]?.splice(owners[partition].indexOf(from), 1, to);
  }
  const counts = new Map(view.nodes.map(({ id }) => [id, 0]));
  let moved = 0;
  owners.forEach((ids, at) => {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    moved += ids.filter((id) => view.partitions[at]?.replicas.includes(id) === false).length;
  });
  return { counts, moved };
}

/** Standard deviation of replicas a node from what its weight stands for. */
function deviation({ before }: Result, counts: ReadonlyMap<string, number>): number {
  const osds = Object.entries(before.osd);
  const total = osds.reduce((sum, [, { pgs }]) => sum + pgs, 0);
  const weight = osds.reduce((sum, [, { crush_weight }]) => sum + crush_weight, 0);
  const squares = osds.map(([osd, { crush_weight }]) => {
    const off = (counts.get(`osd.${osd}`) ?? 0) - (total * crush_weight) / weight;
    return off * off;
  });
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / osds.length);
}

// Recorded from osdmaptool 16.2.15: tables before, by CRUSH alone, and after, as a goal and not exact.
describe.skipIf(!existsSync(path))('osdmaptool --upmap (skipped where ../shared/vectors is absent)', () => {
  const results = existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, 'utf8'))).results : [];

  it.each(results)('$case, deviation $upmap_deviation: starts from the same map', (result) => {
    const before = mapped(result);
    if (result.pg_to_osds_before !== null) expect(before).toEqual(result.pg_to_osds_before);
    for (const [osd, { pgs }] of Object.entries(result.before.osd)) {
      expect(before.flat().filter((device) => `${device}` === osd)).toHaveLength(pgs);
    }
  });

  it.each(results)('$case, deviation $upmap_deviation: comes as close with as few moves', (result) => {
    const devicesPerHost = Object.keys(result.before.osd).length / (result.case.startsWith('10') ? 10 : 12);
    const { counts, moved } = settled(viewOf(result, mapped(result), devicesPerHost), result.upmap_deviation);
    const reached = new Map(Object.entries(result.after.osd).map(([osd, { pgs }]) => [`osd.${osd}`, pgs]));
    // Which partition goes first is chance there, and decides whether single replicas too many find a place in their host:
    // with 10 hosts osdmaptool ends at 0, this at 0.67 with 9 moves fewer. The others end alike.
    expect(deviation(result, counts)).toBeLessThanOrEqual(deviation(result, reached) + 0.7);
    expect(moved).toBeLessThanOrEqual(result.moved_pg_replicas * 1.02);
  });
});
