import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Backend, GatewaySeat } from '../balancer.ts';
import { createBalancer } from '../registry.ts';
import { seededStream } from '../seeded-stream.ts';
import { apertureShares } from './aperture.ts';
import { subsetOf } from './deterministic-subset.ts';
import { zoneShares } from './zone-shares.ts';

const request = { key: 'key', keyHash: 1 };
const tableOf = (zones: readonly string[]): Backend[] =>
  zones.map((zone, index) => ({ id: `data-${index}`, index, zone, weight: 1, inFlight: 0 }));
const repeated = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([zone, count]) => Array.from({ length: count }, () => zone));

function build(name: string, options: unknown, table: readonly Backend[], seat?: GatewaySeat) {
  const context = { random: seededStream(1), nowMs: () => 0, ...(seat === undefined ? {} : { seat }) };
  const balancer = createBalancer(name, options, context);
  balancer.update(table);
  return balancer;
}

describe('zone shares', () => {
  // The example that Envoy's source explains: gateways 40, 40, 20 %, backends 25, 50, 25 %.
  const zones = ['a', 'b', 'c'];
  const gateways = repeated({ a: 4, b: 4, c: 2 });

  it('keep what the own zone can take, and know the room of the others', () => {
    expect(zoneShares(zones, [2, 4, 2], gateways, 'a', 6)).toEqual({ local: 6250, residual: [0, 1000, 500] });
    expect(zoneShares(zones, [2, 4, 2], gateways, 'b', 6).local).toBe(10_000);
    expect(zoneShares(zones, [2, 4, 2], gateways, 'c', 6).local).toBe(10_000);
  });

  it('are not looked at in small or single-zone clusters, nor by a gateway that is nowhere', () => {
    expect(zoneShares(zones, [2, 2, 1], gateways, 'a', 6).local).toBeUndefined();
    expect(zoneShares(['a'], [9], gateways, 'a', 6).local).toBeUndefined();
    expect(zoneShares(zones, [3, 3, 3], ['a', 'a'], 'a', 6).local).toBeUndefined();
    expect(zoneShares(zones, [3, 3, 3], gateways, 'd', 6).local).toBeUndefined();
  });

  it('send every zone its share of the load, to within rounding, however gateways and backends are spread', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(counts, fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }), (backends, peers) => {
        const names = backends.map((_, i) => `zone-${i}`);
        const all = names.flatMap((name, i) => Array.from({ length: peers[i] ?? 0 }, () => name));
        const total = backends.reduce((sum, count) => sum + count, 0);
        if (new Set(all).size < 2) return;
        const load = names.map(() => 0);
        for (const own of all) {
          const { local = 0, residual } = zoneShares(names, backends, all, own, 1);
          const room = residual.reduce((sum, each) => sum + each, 0);
          names.forEach((name, i) => {
            const spilled = room === 0 ? 0 : ((10_000 - local) * (residual[i] ?? 0)) / room;
            load[i] = (load[i] ?? 0) + ((name === own ? local : 0) + spilled) / (10_000 * all.length);
          });
        }
        load.forEach((share, i) => {
          expect(Math.abs(share - (backends[i] ?? 0) / total)).toBeLessThan(0.002);
        });
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('zone-aware', () => {
  const table = tableOf(['a', 'a', 'b', 'b', 'b', 'b', 'c', 'c']);
  const seat = { zone: 'a', position: 0, zones: repeated({ a: 4, b: 4, c: 2 }) };

  it('spills over in proportion to the room', () => {
    const balancer = build('zone-aware', {}, table, seat);
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 8000; i++) {
      const { zone } = balancer.pick(table, request);
      counts[zone] = (counts[zone] ?? 0) + 1;
    }
    // 62.5, 25 and 12.5 %, within four standard deviations.
    expect(Math.abs((counts['a'] ?? 0) - 5000)).toBeLessThan(180);
    expect(Math.abs((counts['b'] ?? 0) - 2000)).toBeLessThan(160);
    expect(Math.abs((counts['c'] ?? 0) - 1000)).toBeLessThan(120);
  });

  it('goes where an eligible backend is', () => {
    const balancer = build('zone-aware', {}, table, seat);
    const far = table.filter(({ zone }) => zone === 'c');
    for (let i = 0; i < 50; i++) expect(balancer.pick(far, request).zone).toBe('c');
  });

  it('names the balancers that it can have inside', () => {
    expect(() => build('zone-aware', { within: 'zone-aware' }, table)).toThrow(
      /options.within: found "zone-aware", accepted: random, .*round-robin/,
    );
    expect(() => build('zone-aware', { within: 'random', withinOptions: { weigted: true } }, table)).toThrow('weigted');
  });
});

describe('deterministic subset', () => {
  it('deals the orders that the book prints', () => {
    const round = (number: number) => [0, 1, 2, 3].flatMap((id) => [...subsetOf(12, 4 * number + id, 3)]);
    expect(round(0)).toEqual([0, 6, 3, 5, 1, 7, 11, 9, 2, 4, 8, 10]);
    expect(round(1)).toEqual([8, 11, 4, 0, 5, 6, 10, 3, 2, 7, 9, 1]);
  });

  // Figure 20-5: 300 clients with 10 of 300 backends each; every backend gets exactly 10.
  it('gives all backends as many clients', () => {
    const counts = new Array<number>(300).fill(0);
    for (let client = 0; client < 300; client++) {
      for (const place of subsetOf(300, client, 10)) counts[place] = (counts[place] ?? 0) + 1;
    }
    expect(new Set(counts)).toEqual(new Set([10]));
  });

  it('stays within the subset while it can', () => {
    const table = tableOf(Array.from({ length: 30 }, () => 'a'));
    const balancer = build('deterministic-subset', { subsetSize: 10 }, table, {
      zone: 'a',
      position: 1,
      zones: ['a', 'a', 'a'],
    });
    const used = new Set(Array.from({ length: 200 }, () => balancer.pick(table, request)));
    expect(used.size).toBe(10);
    const outside = table.filter((backend) => !used.has(backend)).slice(0, 3);
    const inside = [...used][0];
    expect(outside).toContain(balancer.pick(outside, request));
    expect(balancer.pick(inside === undefined ? [] : [...outside, inside], request)).toBe(inside);
  });
});

describe('deterministic aperture', () => {
  it('covers all backends equally, and is as wide as it must be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 20 }),
        (backends, gateways, least) => {
          const covered = new Float64Array(backends);
          for (let gateway = 0; gateway < gateways; gateway++) {
            const shares = apertureShares(backends, gateway, gateways, least);
            shares.forEach((share, place) => {
              covered[place] = (covered[place] ?? 0) + share;
            });
            const width = shares.reduce((sum, share) => sum + share, 0);
            expect(width).toBeGreaterThan(Math.min(least, backends) - 1e-3);
          }
          for (const times of covered) expect(times).toBeCloseTo(covered[0] ?? 0, 3);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it('loads all backends equally over all gateways, those at the edges of an aperture too', () => {
    const gateways = 5;
    const table = tableOf(Array.from({ length: 12 }, () => 'a')).map((backend) => ({ ...backend, inFlight: 0 }));
    for (let position = 0; position < gateways; position++) {
      const seat = { zone: 'a', position, zones: Array.from({ length: gateways }, () => 'a') };
      const balancer = build('deterministic-aperture', { minAperture: 4 }, table, seat);
      const own = table.map((backend) => ({ ...backend, inFlight: 0 }));
      balancer.update(own);
      for (let i = 0; i < 2400; i++) {
        const { index } = balancer.pick(own, request);
        for (const each of [own[index], table[index]]) if (each !== undefined) each.inFlight++;
      }
    }
    for (const { inFlight } of table) expect(Math.abs(inFlight - 1000)).toBeLessThan(100);
  });
});
