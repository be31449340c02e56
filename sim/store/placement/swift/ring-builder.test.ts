import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlacementNode } from '../placement.ts';
import { type Ring, type RingOptions, rebalance } from './ring-builder.ts';
import { ringBalance, ringDispersion } from './ring-quality.ts';
import recorded from './testdata/swift-ring.json' with { type: 'json' };

const stepSchema = z.union([
  z.literal('initial rebalance'),
  z.tuple([z.literal('add'), z.tuple([z.number(), z.number(), z.string(), z.number()])]),
  z.tuple([z.literal('remove'), z.number()]),
  z.tuple([z.literal('weight'), z.number(), z.number()]),
  z.tuple([z.literal('overload'), z.number()]),
]);
type Step = z.infer<typeof stepSchema>;

function device(id: number, region: number, zone: number, ip: string, weight: number): PlacementNode {
  return { id: String(id).padStart(3, '0'), weight, zone: `${region}`, rack: `${zone}`, host: ip };
}

/** The nodes and options after a step. */
function applied(step: Step, nodes: readonly PlacementNode[], options: RingOptions, nextId: number) {
  if (step === 'initial rebalance') return { nodes, options };
  switch (step[0]) {
    case 'add': {
      const [region, zone, ip, weight] = step[1];
      return { nodes: [...nodes, device(nextId, region, zone, ip, weight)], options };
    }
    case 'remove':
      return { nodes: nodes.filter(({ id }) => Number(id) !== step[1]), options };
    case 'weight':
      return {
        nodes: nodes.map((node) => (Number(node.id) === step[1] ? { ...node, weight: step[2] } : node)),
        options,
      };
    case 'overload':
      return { nodes, options: { ...options, overload: step[1] } };
  }
}

describe.each(recorded.results)('Swift’s ring builder: $name', ({ devices, part_power, replicas, overload, steps }) => {
  let nodes: readonly PlacementNode[] = devices.map(({ id, region, zone, ip, weight }) =>
    device(id, region, zone, ip, weight),
  );
  let options: RingOptions = { partPower: part_power, replicas, minPartHours: 0, overload, seed: 1 };
  let ring: Ring | undefined;
  let nextId = devices.length;

  it.each(steps)('$step', ({ step, balance, dispersion, changed_parts, required_overload, parts_per_dev }) => {
    const parsed = stepSchema.parse(step);
    ({ nodes, options } = applied(parsed, nodes, options, nextId));
    if (parsed[0] === 'add') nextId++;
    ring = rebalance(nodes, options, ring, 1);
    const counts = ring.state.devices.map(({ parts }) => parts);
    const recordedCounts = parts_per_dev.filter((parts) => parts !== null);
    expect(counts.reduce((sum, count) => sum + count)).toBe(replicas << part_power);
    expect(ringDispersion(ring)).toBe(dispersion);
    expect(ring.state.plan.requiredOverload).toBeCloseTo(required_overload, 6);
    // Chances matter only where a change takes more than one rebalance. In 17 runs of the builder itself with various seeds the two last
    // steps that add a device moved up to 8 % more or less than recorded, and the worst device of the last was 5.0 to 17.8 % off.
    // The 5 moves and the 1 % that are allowed besides are slack for the smaller steps, of which no spread is known.
    const certain = parsed === 'initial rebalance' || parsed[0] === 'overload';
    if (certain) expect(counts).toEqual(recordedCounts);
    expect(Math.abs(ring.changedParts - changed_parts)).toBeLessThanOrEqual(
      certain ? 0 : Math.max(5, 0.08 * changed_parts),
    );
    expect(ringBalance(ring)).toBeLessThanOrEqual(certain ? balance + 1e-6 : Math.max(17.8, balance + 1));
  });
});

describe('Swift’s rebalance', () => {
  const options: RingOptions = { partPower: 8, replicas: 3, minPartHours: 24, overload: 0, seed: 3 };
  const nodes = Array.from({ length: 12 }, (_, id) => device(id, 1, id % 4, `10.0.0.${id}`, 100));
  const more = [...nodes, device(12, 1, 0, '10.0.0.12', 100)];
  const differing = (a: Ring, b: Ring) =>
    Array.from({ length: a.state.parts }, (_, part) => {
      const [old, now] = [a, b].map(({ state }) => state.rows.map((row) => state.devices[row[part] ?? -1]?.node.id));
      return now?.filter((id) => old?.includes(id) === false).length ?? 0;
    });

  it('moves at most one replica of a partition, and none of one that moved less than minPartHours ago', () => {
    const first = rebalance(nodes, options);
    const tooSoon = rebalance(more, options, first, 23);
    expect(tooSoon.changedParts).toBe(0);
    const second = rebalance(more, options, tooSoon, 1);
    expect(second.changedParts).toBeGreaterThan(40);
    expect(Math.max(...differing(first, second))).toBe(1);
    expect(rebalance(more, options, second, 23).changedParts).toBeLessThan(second.changedParts);
  });

  it('moves the replicas of a device that is gone at once', () => {
    const first = rebalance(nodes, options);
    const second = rebalance(nodes.slice(1), options, first, 0);
    expect(second.changedParts).toBe(64);
    expect(second.state.rows.every((row) => row.every((place) => place >= 0))).toBe(true);
  });

  it('takes from weights what dispersion needs, as far as overload goes', () => {
    // Two zones of one device each, one of two: 0.75 replicas for each device by weight, one for each zone if spread.
    const uneven = [device(0, 1, 0, 'a', 1), device(1, 2, 0, 'b', 1), device(2, 3, 0, 'c', 1), device(3, 3, 0, 'd', 1)];
    const farthest = (overload: number, shares: readonly number[]) => {
      const { devices } = rebalance(uneven, { ...options, overload }).state;
      return Math.max(...devices.map(({ parts }, place) => Math.abs(parts - (shares[place] ?? 0))));
    };
    expect(farthest(0, [192, 192, 192, 192])).toBe(0);
    // 10 % over 192 is 211.2.
    expect(farthest(0.1, [211.2, 211.2, 172.8, 172.8])).toBeLessThan(1);
    expect(farthest(1, [256, 256, 128, 128])).toBe(0);
  });
});
