import type { CrushBucket, CrushRule, CrushStep } from '../crush-map.ts';

/** What a decompiled crush map says of buckets and rules; its tunables are those of the `jewel` profile in all maps here. */
export interface ParsedCrushMap {
  readonly root: CrushBucket;
  /** By number. */
  readonly rules: readonly CrushRule[];
}

/** Reads the text form of `crushtool -d`, as far as the maps here use it. */
export function parseCrushMap(text: string): ParsedCrushMap {
  const types = new Map<string, number>();
  const devices = new Map<string, number>();
  const buckets = new Map<string, CrushBucket>();
  const rules: CrushRule[] = [];
  const lines = text.split('\n').map((line) => (line.split('#')[0] ?? '').trim().split(/\s+/));
  for (let at = 0; at < lines.length; at++) {
    const [word = '', second = '', third = ''] = lines[at] ?? [];
    if (word === 'type') types.set(third, Number(second));
    if (word === 'device') devices.set(third, Number(second));
    if (third !== '{' && second !== '{') continue;
    const body: string[][] = [];
    for (at++; lines[at]?.[0] !== '}'; at++) body.push(lines[at] ?? []);
    if (word === 'rule') rules.push(ruleOf(body, buckets, types));
    else buckets.set(second, bucketOf(body, types.get(word) ?? 0, devices, buckets));
  }
  const root = buckets.get('default');
  if (root === undefined) throw new Error('no root named default');
  return { root, rules };
}

function bucketOf(
  body: readonly string[][],
  type: number,
  devices: ReadonlyMap<string, number>,
  buckets: ReadonlyMap<string, CrushBucket>,
): CrushBucket {
  const id = Number(body.find(([word]) => word === 'id')?.[1]);
  const members = body.filter(([word]) => word === 'item');
  return {
    id,
    type,
    items: Int32Array.from(members, ([, name = '']) => devices.get(name) ?? buckets.get(name)?.id ?? 0),
    weights: Float64Array.from(members, ([, , , weight]) => Math.round(Number(weight) * 0x10000)),
    children: members.map(([, name = '']) => buckets.get(name)),
  };
}

function ruleOf(
  body: readonly string[][],
  buckets: ReadonlyMap<string, CrushBucket>,
  types: ReadonlyMap<string, number>,
): CrushRule {
  return body.filter(([word]) => word === 'step').map(([, ...words]) => stepOf(words, buckets, types));
}

function stepOf(
  [op = '', first = '', second = '', , type = '']: readonly string[],
  buckets: ReadonlyMap<string, CrushBucket>,
  types: ReadonlyMap<string, number>,
): CrushStep {
  const taken = buckets.get(first);
  if (op === 'take' && taken !== undefined) return { op, bucket: taken };
  if (op === 'set_choose_tries' || op === 'set_chooseleaf_tries') return { op, value: Number(first) };
  if (op === 'emit') return { op };
  if ((op === 'choose' || op === 'chooseleaf') && (first === 'firstn' || first === 'indep')) {
    return { op, mode: first, count: Number(second), type: types.get(type) ?? 0 };
  }
  throw new Error(`unknown step: ${op} ${first}`);
}
