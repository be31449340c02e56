import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CrushBucket } from './crush-map.ts';
import { CrushMapper } from './crush-mapper.ts';
import { fixedLog } from './fixed-log.ts';
import { rjenkins2, rjenkins3 } from './rjenkins.ts';
import { straw2 } from './straw2.ts';
import recorded from './testdata/crushtool.json' with { type: 'json' };
import { type ParsedCrushMap, parseCrushMap } from './testdata/parse-crush-map.ts';

type Scenario = (typeof recorded.scenarios)[number];

const maps = new Map<string, ParsedCrushMap>(
  Object.entries(recorded.maps).map(([name, text]) => [name, parseCrushMap(text)]),
);

/** Runs a scenario for inputs 0 to 1023. */
function mappingsOf({ map, rule, size, args }: Omit<Scenario, 'mappings' | 'perDevice'>): number[][] {
  const parsed = maps.get(map);
  const steps = parsed?.rules[rule];
  if (parsed === undefined || steps === undefined) throw new Error(`no map ${map} with rule ${rule}`);
  const weights = new Map<number, number>();
  for (let at = 0; at < args.length; at += 3) weights.set(Number(args[at + 1]), Number(args[at + 2]) * 0x10000);
  const mapper = new CrushMapper([parsed.root], size);
  const result = new Int32Array(size);
  return Array.from({ length: 1024 }, (_, x) => {
    const written = mapper.map(steps, x, size, result, (device) => weights.get(device) ?? 0x10000);
    return [...result.subarray(0, written)];
  });
}

/** Two that only the recorded movement tells of. */
const unrecorded: readonly Omit<Scenario, 'mappings' | 'perDevice'>[] = [
  { name: 'rep_host x3 after remove osd.20', map: 'remove_osd20', rule: 1, size: 3, args: [] },
  { name: 'ec_host_indep x6, osd.5 out', map: 'base', rule: 3, size: 6, args: ['--weight', '5', '0'] },
];

const computed = new Map([...recorded.scenarios, ...unrecorded].map((each) => [each.name, mappingsOf(each)]));

describe('CRUSH is crushtool’s', () => {
  it('logarithm, all 65,536 of them', () => {
    for (const [value, log] of recorded.crushLn.samples) expect(fixedLog(Number(value))).toBe(Number(log));
    const lines = Array.from({ length: 0x10000 }, (_, value) => `${fixedLog(value)}\n`).join('');
    expect([lines, lines.trimEnd()].map((text) => createHash('sha256').update(text).digest('hex'))).toContain(
      recorded.crushLn.sha256OfDecimalLines,
    );
  });

  it('hash', () => {
    for (const [a = 0, b = 0, c = 0, two, three] of recorded.rjenkins) {
      expect([rjenkins2(a, b), rjenkins3(a, b, c)]).toEqual([two, three]);
    }
  });

  it('straw2 draw, with a weight of 0 among the items', () => {
    const { bucketId, items, weights, replicas, chosen } = recorded.straw2;
    const bucket: CrushBucket = {
      id: bucketId,
      type: 1,
      items: Int32Array.from(items),
      weights: Float64Array.from(weights),
      children: items.map(() => undefined),
    };
    const drawn = chosen.map((_, x) => replicas.map((r) => bucket.items[straw2(bucket, x, r)]));
    expect(drawn).toEqual(chosen);
  });

  it.each(recorded.scenarios)('mapping: $name', ({ name, mappings, perDevice }) => {
    const all = computed.get(name) ?? [];
    expect(all.slice(0, mappings.length)).toEqual(mappings);
    const counts: Record<string, number> = {};
    for (const device of Object.keys(perDevice)) counts[device] = all.flat().filter((id) => `${id}` === device).length;
    expect(counts).toEqual(perDevice);
  });

  it.each(recorded.movement)('movement: $after', ({ before, after, replicas, new_members, position_changes }) => {
    const [old = [], now = []] = [before, after].map((name) => computed.get(name));
    expect(old.flat()).toHaveLength(replicas);
    const arrived = now.map((set, x) => set.filter((device) => old[x]?.includes(device) === false).length);
    expect(arrived.reduce((sum, count) => sum + count)).toBe(new_members);
    const changed = now.map((set, x) => set.filter((device, place) => old[x]?.[place] !== device).length);
    expect(changed.reduce((sum, count) => sum + count)).toBe(position_changes);
  });
});

const vectors = '../shared/vectors/crush.json';
const vectorsSchema = z.object({
  scenarios: z.array(z.object({ name: z.string(), mappings: z.array(z.array(z.number())) })),
});

describe.skipIf(!existsSync(vectors))('all 1,024 mappings (skipped where ../shared/vectors is absent)', () => {
  const { scenarios } = existsSync(vectors)
    ? vectorsSchema.parse(JSON.parse(readFileSync(vectors, 'utf8')))
    : { scenarios: [] };
  it.each(scenarios)('$name', ({ name, mappings }) => {
    expect(computed.get(name)).toEqual(mappings);
  });
});
